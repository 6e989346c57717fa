@echo off
rem Sets up tunedoc from this folder and installs its training environment, without any network.
rem ASCII only: cmd.exe reads this file in the console's code page.
setlocal
set "HERE=%~dp0"
if defined TUNEDOC_HOME (set "ROOT=%TUNEDOC_HOME%") else (set "ROOT=%LOCALAPPDATA%\tunedoc")
set "WANTED=@PYTHON@"
set "ARCHIVE=@ARCHIVE@"
set "PYTHONHOME="
set "PYTHONPATH="
set "VIRTUAL_ENV="
set "PYTHONDONTWRITEBYTECODE="
if not exist "%HERE%manifest.json" (
    echo error: this bundle is unfinished: it has no manifest.json 1>&2
    exit /b 2
)
set "WORK=%ROOT%\start.%RANDOM%%RANDOM%"
mkdir "%WORK%"
if not exist "%WORK%\." exit /b 3
if not defined ARCHIVE goto own_python
rem Where uv looks for Pythons of tunedoc's own.
set "PLACE=%ROOT%\pythons\@PLACE@"
set PYTHON="%PLACE%\python.exe"
if exist "%PLACE%\python.exe" goto have_python
"%SystemRoot%\System32\tar.exe" -xzf "%HERE%%ARCHIVE%" -C "%WORK%"
if errorlevel 1 (
    echo error: %ARCHIVE% is damaged: copy the bundle again 1>&2
    goto failed
)
if not exist "%ROOT%\pythons" mkdir "%ROOT%\pythons"
if exist "%PLACE%" rmdir /s /q "%PLACE%"
move /y "%WORK%\python" "%PLACE%" >nul
if errorlevel 1 goto failed
goto have_python

:own_python
set "PYTHON="
if defined TUNEDOC_PYTHON call :try "%TUNEDOC_PYTHON%"
if not defined PYTHON call :try py -%WANTED%
if not defined PYTHON call :try python
if not defined PYTHON call :try python3
if defined PYTHON goto have_python
echo error: this bundle needs Python %WANTED%, which is not here (TUNEDOC_PYTHON may name it) 1>&2
goto failed

:have_python
rem uv comes as a wheel; a wheel is a zip archive, and Python can open it.
%PYTHON% -m zipfile -e "%HERE%doctor\@UV_WHEEL@" "%WORK%\uv"
if errorlevel 1 goto failed
set "UV=%WORK%\uv\@UV_DATA@\scripts\uv.exe"
rem Only Python knows its own path in letters that cmd.exe cannot read.
%PYTHON% -c "import subprocess, sys; sys.exit(subprocess.call([sys.argv[1], 'venv', '--quiet', '--offline', '--no-config', '--clear', '--python', sys.executable, sys.argv[2]]))" "%UV%" "%ROOT%\doctor"
if errorlevel 1 goto failed
"%UV%" pip install --quiet --offline --no-config --no-index --find-links "%HERE%doctor" --require-hashes --requirements "%HERE%doctor\requirements.txt" --python "%ROOT%\doctor\Scripts\python.exe"
if errorlevel 1 goto failed
rmdir /s /q "%WORK%"
set "TUNEDOC_HOME=%ROOT%"
"%ROOT%\doctor\Scripts\tunedoc.exe" install --bundle "%HERE%." %*
if errorlevel 1 exit /b %ERRORLEVEL%
set "UV_OFFLINE=1"
set "UV_NO_INDEX=1"
set "UV_FIND_LINKS=%HERE%wheels"
for %%M in (@MODELS@) do "%ROOT%\doctor\Scripts\tunedoc.exe" model get %%M
echo %ROOT%\doctor\Scripts\tunedoc.exe
exit /b 0

:failed
rmdir /s /q "%WORK%"
exit /b 3

:try
%* -c "import sys; sys.exit('.'.join(map(str, sys.version_info[:2])) != '%WANTED%')" >nul 2>nul
if not errorlevel 1 set PYTHON=%*
exit /b 0
