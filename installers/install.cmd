@echo off
rem Sets tunedoc up for this user: finds a Python, checks the programs beside this file against SHA256SUMS where there is
rem one, and hands over to them. Their options: install.cmd --help. No administrator is needed.
rem ASCII only: cmd.exe reads this file in the console's code page.
setlocal DisableDelayedExpansion
set "HERE=%~dp0"
set "PYTHONHOME="
set "PYTHONPATH="
set "VIRTUAL_ENV="
set "PYTHONDONTWRITEBYTECODE="
set "CODE=2"
if not exist "%HERE%set_up.py" goto alone
if not exist "%HERE%python.cmd" goto alone
call "%HERE%python.cmd" older
if not defined TUNEDOC_PY goto powershell
rem A file that SHA256SUMS does not name could take the place of one of Python's own.
%TUNEDOC_PY% -I -c "import hashlib, pathlib, sys; here = pathlib.Path(sys.argv[1]); sums = here / 'SHA256SUMS'; told = {line[66:]: line[:64] for line in sums.read_text('utf-8', 'replace').splitlines()} if sums.is_file() else None; wrong = [file.name for file in here.glob('*.py') if told is not None and told.get(file.name) != hashlib.sha256(file.read_bytes()).hexdigest()]; sys.exit(', '.join(wrong) or 0)" "%HERE%."
if errorlevel 1 (
    echo error: a program beside install.cmd is not what SHA256SUMS says: nothing was installed; fetch the release again 1>&2
    goto done
)
%TUNEDOC_PY% "%HERE%set_up.py" %*
set "CODE=%ERRORLEVEL%"
goto done

:alone
echo error: unpack the whole archive first, then start install.cmd in the folder that comes out of it 1>&2
goto done

:powershell
rem PowerShell looks further, and can have winget bring a Python. Whether it is there is told by what it prints.
set "FOUND="
if exist "%HERE%install.ps1" for /f %%V in ('powershell -NoProfile -Command "$PSVersionTable.PSVersion.Major" 2^>nul') do set "FOUND=%%V"
if not defined FOUND (
    call "%HERE%python.cmd"
    goto done
)
powershell -NoProfile -ExecutionPolicy Bypass -File "%HERE%install.ps1" %*
set "CODE=%ERRORLEVEL%"

:done
rem Started by a double click, the window would close before anybody could read it.
setlocal EnableDelayedExpansion
set "LINE=!CMDCMDLINE!"
if not defined LINE goto end
set "LINE=!LINE:"='!"
if "!LINE:~-3!"=="' '" pause
:end
exit /b %CODE%
