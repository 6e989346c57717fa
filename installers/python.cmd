@echo off
rem Called by the other scripts: sets TUNEDOC_PY to a Python of version 3.11 or newer, or says what is missing.
rem ASCII only: cmd.exe reads this file in the console's code page.
set "TUNEDOC_PY="
if defined TUNEDOC_PYTHON call :try "%TUNEDOC_PYTHON%"
if not defined TUNEDOC_PY call :try py -3
if not defined TUNEDOC_PY call :try python
if not defined TUNEDOC_PY call :try python3
if defined TUNEDOC_PY exit /b 0
echo error: tunedoc needs Python 3.11 or newer with pip: winget install Python.Python.3.12 1>&2
exit /b 2
:try
%* -c "import sys, pip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 set TUNEDOC_PY=%*
exit /b 0
