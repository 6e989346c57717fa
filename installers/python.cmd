@echo off
rem Called by the other scripts: sets TUNEDOC_PY to a Python of version 3.11 or newer with pip, or says what is missing.
rem With the word "older" a Python from 3.8 on is good enough where there is none (it can fetch a newer one), and nothing
rem is said. ASCII only: cmd.exe reads this file in the console's code page.
set "TUNEDOC_PY="
set "TUNEDOC_WANTED=3, 11"
call :look
if not defined TUNEDOC_PY if "%~1"=="older" (
    set "TUNEDOC_WANTED=3, 8"
    call :look
)
if defined TUNEDOC_PY exit /b 0
if "%~1"=="older" exit /b 2
echo error: tunedoc needs Python 3.11 or newer with pip: winget install Python.Python.3.12 1>&2
where python 2>nul | find /i "\WindowsApps\" >nul
if not errorlevel 1 echo note: the "python" that Windows finds here is only the Microsoft Store's sign for it 1>&2
exit /b 2

:look
if defined TUNEDOC_PYTHON call :try "%TUNEDOC_PYTHON%"
if not defined TUNEDOC_PY call :try py -3
if not defined TUNEDOC_PY call :try python
if not defined TUNEDOC_PY call :try python3
for %%K in (HKCU HKLM) do if not defined TUNEDOC_PY call :registered %%K
exit /b 0

:registered
rem Where installers of Python say what they installed (PEP 514).
for /f "tokens=2,*" %%A in ('reg query "%1\Software\Python\PythonCore" /s /v ExecutablePath 2^>nul ^| find "REG_SZ"') do if not defined TUNEDOC_PY call :try "%%B"
exit /b 0

:try
%* -c "import sys, pip; sys.exit(sys.version_info < (%TUNEDOC_WANTED%))" >nul 2>nul
if not errorlevel 1 set TUNEDOC_PY=%*
exit /b 0
