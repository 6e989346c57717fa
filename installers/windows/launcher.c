/* tunedoc.exe and tunedoc-app.exe: start the tunedoc that is in use, with the Python that it was made from.

   tunedoc.exe          a console program: hands its arguments, streams and exit code on to `python -m doctor`
   tunedoc-app.exe      (built with -DAPP) the Start-menu entry: opens the full-screen app in Windows Terminal where there
                        is one, else in a console window of its own. Windows Terminal comes and goes with the Store,
                        so it is looked for at every start and not once at setup

   Which version is in use stands in ..\current.txt, one line, replaced as a whole by the setup program. So this program
   is the same before and after an upgrade, and a version that runs stays what it is.
   Exit code 3: the program is damaged or its Python is gone; the words say to run the setup program again. */
#define _WIN32_WINNT 0x0A00
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define LONGEST 32768 /* of a Windows path and of a command line */
#define BROKEN 3

static wchar_t root[LONGEST], program[LONGEST], environment[LONGEST], python[LONGEST], command[LONGEST], scratch[LONGEST];

static BOOL chinese(void) { return PRIMARYLANGID(GetUserDefaultUILanguage()) == LANG_CHINESE; }

static BOOL there(const wchar_t *path) { return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES; }

/* Takes the last part off a path. */
static void cut(wchar_t *path)
{
    wchar_t *last = wcsrchr(path, L'\\');
    if (last) *last = 0;
}

static int complain(const wchar_t *english, const wchar_t *zh, const wchar_t *detail)
{
    static wchar_t words[LONGEST];
    _snwprintf(words, LONGEST - 1, chinese() ? zh : english, detail);
#ifdef APP
    MessageBoxW(NULL, words, L"tunedoc", MB_OK | MB_ICONERROR);
#else
    HANDLE out = GetStdHandle(STD_ERROR_HANDLE);
    DWORD done, mode;
    if (GetConsoleMode(out, &mode)) {
        WriteConsoleW(out, words, (DWORD)wcslen(words), &done, NULL);
        WriteConsoleW(out, L"\r\n", 2, &done, NULL);
    } else {
        static char bytes[LONGEST * 3];
        int count = WideCharToMultiByte(CP_UTF8, 0, words, -1, bytes, sizeof bytes, NULL, NULL);
        if (count > 1) WriteFile(out, bytes, (DWORD)count - 1, &done, NULL);
        WriteFile(out, "\r\n", 2, &done, NULL);
    }
#endif
    return BROKEN;
}

/* A small UTF-8 file as words; NULL when it cannot be read. The caller owns them. */
static wchar_t *read_words(const wchar_t *path)
{
    static char bytes[8192];
    DWORD count = 0;
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return NULL;
    BOOL well = ReadFile(file, bytes, sizeof bytes - 1, &count, NULL);
    CloseHandle(file);
    if (!well) return NULL;
    bytes[count] = 0;
    wchar_t *words = calloc(count + 1, sizeof *words);
    if (words) MultiByteToWideChar(CP_UTF8, 0, bytes, -1, words, (int)count + 1);
    return words;
}

/* The line `name = value` of pyvenv.cfg. */
static BOOL value_of(wchar_t *words, const wchar_t *name, wchar_t *value)
{
    for (wchar_t *line = wcstok(words, L"\r\n"); line; line = wcstok(NULL, L"\r\n")) {
        size_t length = wcslen(name);
        if (wcsncmp(line, name, length)) continue;
        line += length;
        while (*line == L' ') line++;
        if (*line != L'=') continue;
        line++;
        while (*line == L' ') line++;
        wcsncpy(value, line, LONGEST - 1);
        return TRUE;
    }
    return FALSE;
}

/* Fills root, program, environment and python. 0 when all of it is there. */
static int find_program(void)
{
    static wchar_t base[LONGEST];
    if (!GetModuleFileNameW(NULL, program, LONGEST)) return BROKEN;
    wcscpy(root, program);
    cut(root);
    cut(root);
    _snwprintf(scratch, LONGEST - 1, L"%ls\\current.txt", root);
    wchar_t *version = read_words(scratch);
    if (version) version[wcscspn(version, L"\r\n\\/")] = 0;
    if (!version || !*version)
        return complain(L"error: tunedoc is not fully installed in %ls: run the setup program again",
                        L"错误：%ls 中的 tunedoc 安装不完整：请重新运行安装程序", root);
    _snwprintf(environment, LONGEST - 1, L"%ls\\versions\\%ls", root, version);
    free(version);
    _snwprintf(python, LONGEST - 1, L"%ls\\Scripts\\python.exe", environment);
    _snwprintf(scratch, LONGEST - 1, L"%ls\\pyvenv.cfg", environment);
    wchar_t *settings = read_words(scratch);
    if (!there(python) || !settings || !value_of(settings, L"home", base))
        return complain(L"error: a part of tunedoc is gone (%ls): run the setup program again",
                        L"错误：tunedoc 的一部分已丢失（%ls）：请重新运行安装程序", environment);
    free(settings);
    _snwprintf(scratch, LONGEST - 1, L"%ls\\python.exe", base);
    if (!there(scratch))
        return complain(L"error: the Python that tunedoc was set up with is gone (%ls): run the setup program again, it finds another or brings its own",
                        L"错误：安装 tunedoc 时使用的 Python 已不存在（%ls）：请重新运行安装程序，它会另找一个或自带一个", scratch);
    return 0;
}

#ifdef APP

static BOOL launch(const wchar_t *exe, wchar_t *line, DWORD flags)
{
    STARTUPINFOW start = { .cb = sizeof start };
    PROCESS_INFORMATION process;
    if (!CreateProcessW(exe, line, NULL, NULL, FALSE, flags, NULL, NULL, &start, &process)) return FALSE;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return TRUE;
}

int WINAPI wWinMain(HINSTANCE self, HINSTANCE before, PWSTR arguments, int show)
{
    static wchar_t console[LONGEST], terminal[LONGEST], profile[LONGEST];
    (void)self, (void)before, (void)arguments, (void)show;
    int wrong = find_program();
    if (wrong) return wrong;
    _snwprintf(console, LONGEST - 1, L"%ls\\bin\\tunedoc.exe", root);
    DWORD length = GetEnvironmentVariableW(L"USERPROFILE", profile, LONGEST);
    if (!length || length >= LONGEST) profile[0] = 0;
    length = GetEnvironmentVariableW(L"LOCALAPPDATA", scratch, LONGEST);
    /* Windows Terminal takes a semicolon for the end of a command. */
    if (length && length < LONGEST - 64 && !wcschr(root, L';') && profile[0] && !wcschr(profile, L';')) {
        _snwprintf(terminal, LONGEST - 1, L"%ls\\Microsoft\\WindowsApps\\wt.exe", scratch);
        _snwprintf(command, LONGEST - 1, L"\"%ls\" -w new new-tab --title tunedoc -d \"%ls\" -- \"%ls\" --from-menu tui",
                   terminal, profile, console);
        if (there(terminal) && launch(terminal, command, 0)) return 0;
    }
    if (profile[0]) SetCurrentDirectoryW(profile);
    _snwprintf(command, LONGEST - 1, L"\"%ls\" --from-menu tui", console);
    if (launch(console, command, CREATE_NEW_CONSOLE)) return 0;
    return complain(L"error: `%ls` does not start: run the setup program again",
                    L"错误：`%ls` 无法启动：请重新运行安装程序", console);
}

#else

/* Ctrl-C is for Python, which has it too; this program waits for it. */
static BOOL WINAPI leave_it(DWORD event)
{
    (void)event;
    return TRUE;
}

/* The command line behind the program's own name, as it was written. */
static wchar_t *own_arguments(void)
{
    wchar_t *rest = GetCommandLineW();
    BOOL quoted = FALSE;
    for (; *rest && (quoted || (*rest != L' ' && *rest != L'\t')); rest++)
        if (*rest == L'"') quoted = !quoted;
    while (*rest == L' ' || *rest == L'\t') rest++;
    return rest;
}

static HANDLE handed_on(DWORD which)
{
    HANDLE own = GetStdHandle(which), copy = INVALID_HANDLE_VALUE, me = GetCurrentProcess();
    if (!own || own == INVALID_HANDLE_VALUE) return own;
    return DuplicateHandle(me, own, me, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS) ? copy : own;
}

/* What an upgrade could not delete since it was running; nobody waits for it. */
static void tidy(void)
{
    STARTUPINFOW start = { .cb = sizeof start };
    PROCESS_INFORMATION process;
    _snwprintf(scratch, LONGEST - 1, L"%ls\\leftovers.txt", root);
    if (!there(scratch)) return;
    _snwprintf(command, LONGEST - 1, L"\"%ls\" -I \"%ls\\set_up.pyz\" tidy --folder \"%ls\"", python, root, root);
    if (CreateProcessW(python, command, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &start, &process)) {
        CloseHandle(process.hThread);
        CloseHandle(process.hProcess);
    }
}

int wmain(void)
{
    STARTUPINFOW start = { .cb = sizeof start };
    PROCESS_INFORMATION process;
    DWORD code = BROKEN;
    const wchar_t *mark = L"--from-menu";
    wchar_t *arguments = own_arguments();
    BOOL from_menu = !wcsncmp(arguments, mark, wcslen(mark));
    if (from_menu) arguments += wcslen(mark);
    int wrong = find_program();
    if (!wrong) {
        tidy();
        /* -I: variables and packages that are meant for other Pythons do not reach this one. */
        if (_snwprintf(command, LONGEST - 1, L"\"%ls\" -I -m doctor %ls", python, arguments) < 0) return BROKEN;
        SetConsoleCtrlHandler(leave_it, TRUE);
        start.dwFlags = STARTF_USESTDHANDLES;
        start.hStdInput = handed_on(STD_INPUT_HANDLE);
        start.hStdOutput = handed_on(STD_OUTPUT_HANDLE);
        start.hStdError = handed_on(STD_ERROR_HANDLE);
        if (!CreateProcessW(python, command, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &process)) {
            wrong = complain(L"error: `%ls` does not start: run the setup program again",
                             L"错误：`%ls` 无法启动：请重新运行安装程序", python);
        } else {
            /* Python ends when this program is ended. What Python starts is its own business. */
            HANDLE job = CreateJobObjectW(NULL, NULL);
            JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { 0 };
            limits.BasicLimitInformation.LimitFlags =
                JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
            if (job && SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
                AssignProcessToJobObject(job, process.hProcess);
            ResumeThread(process.hThread);
            WaitForSingleObject(process.hProcess, INFINITE);
            GetExitCodeProcess(process.hProcess, &code);
        }
    }
    if (wrong) code = (DWORD)wrong;
    if (from_menu && code) {
        /* The window would close over the words. */
        const wchar_t *words = chinese() ? L"\r\n按回车键关闭窗口\r\n" : L"\r\npress Enter to close this window\r\n";
        DWORD done;
        WriteConsoleW(GetStdHandle(STD_OUTPUT_HANDLE), words, (DWORD)wcslen(words), &done, NULL);
        getwchar();
    }
    return (int)code;
}

#endif
