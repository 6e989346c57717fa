@echo off
rem The main job once, end to end: check, install, train, export, answer. Needs Python 3.11 and pip.
setlocal
call "%~dp0python.cmd"
if not defined TUNEDOC_PY exit /b 2
%TUNEDOC_PY% "%~dp0bootstrap.py" demo %*
exit /b %ERRORLEVEL%
