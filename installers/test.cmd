@echo off
rem All that CI runs: format, lint, contracts, types, tests, the wheel. Needs Python 3.11 and pip.
setlocal
call "%~dp0python.cmd"
if not defined TUNEDOC_PY exit /b 2
%TUNEDOC_PY% "%~dp0bootstrap.py" test %*
exit /b %ERRORLEVEL%
