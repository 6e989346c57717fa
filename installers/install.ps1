<#
.SYNOPSIS
Sets tunedoc up for this user: its own environment, a command, a first look.

.DESCRIPTION
Finds a Python, checks the programs beside this file against SHA256SUMS where there is one, and hands over to them
(set_up.py). No administrator is needed. Windows PowerShell 5.1 and PowerShell 7.
Where scripts are not allowed: powershell -NoProfile -ExecutionPolicy Bypass -File install.ps1

.PARAMETER TunedocHome
tunedoc's folder; everything that it makes lies in it. Variable: TUNEDOC_HOME. Otherwise %LOCALAPPDATA%\tunedoc.

.PARAMETER Index
Package index instead of pip's own. Variable: TUNEDOC_INDEX.

.PARAMETER Wheels
A folder to take packages from, without a network. Variable: TUNEDOC_WHEELS.

.PARAMETER Sums
The SHA-256 that the file SHA256SUMS must have, as told by whoever gave it to you. Variable: TUNEDOC_SUMS.

.PARAMETER Python
The Python to use. Variable: TUNEDOC_PYTHON. Otherwise the first that fits: py, the registry, PATH.

.PARAMETER AddToPath
Put the command `tunedoc` on the user's PATH. Variable: TUNEDOC_PATH=1. Asked if neither this nor NoPath is given.

.PARAMETER NoPath
Leave the user's PATH alone. Variable: TUNEDOC_PATH=0.

.PARAMETER Check
End with `tunedoc check`. Variable: TUNEDOC_CHECK=1.

.PARAMETER NoCheck
Do not offer it. Variable: TUNEDOC_CHECK=0.

.PARAMETER InstallPython
Where no Python fits, have winget install Python 3.12 for this user.

.PARAMETER Remaining
Words for set_up.py in its own spelling, for example --path.

.EXAMPLE
.\install.ps1 -AddToPath -Check
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $TunedocHome = $env:TUNEDOC_HOME,
    [string] $Index = $env:TUNEDOC_INDEX,
    [string] $Wheels = $env:TUNEDOC_WHEELS,
    [string] $Sums = $env:TUNEDOC_SUMS,
    [string] $Python = $env:TUNEDOC_PYTHON,
    [switch] $AddToPath,
    [switch] $NoPath,
    [switch] $Check,
    [switch] $NoCheck,
    [switch] $InstallPython,
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $Remaining = @()
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# PowerShell 7 can turn exit codes into errors; this script looks at each of them itself.
$PSNativeCommandUseErrorActionPreference = $false

function Write-Trouble {
    param([string] $English, [string] $Chinese)
    $host.UI.WriteErrorLine("error: $English")
    $host.UI.WriteErrorLine("错误：$Chinese")
}

# Under a policy that confines PowerShell only the plainest scripts run; cmd.exe has no such limits.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Error -Message ('PowerShell is confined on this machine (Constrained Language Mode): start install.cmd ' +
        'instead. / 此电脑限制了 PowerShell（受限语言模式）：请改用 install.cmd。') -ErrorAction Continue
    exit 2
}
# Windows PowerShell 5.1 on older systems offers TLS 1.0 first, which package indexes refuse.
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

function Test-Python {
    # Whether a program is a Python with pip, at least of this version. What it prints does not matter.
    param([string[]] $Command, [string] $Version)
    $ErrorActionPreference = 'Continue'
    $first, $rest = $Command
    if (-not (Get-Command -Name $first -CommandType Application -ErrorAction SilentlyContinue)) { return $false }
    $words = @($rest | Where-Object { $_ }) + @('-c', "import sys, pip; sys.exit(sys.version_info < ($Version))")
    try {
        $null = & $first $words 2>&1
        return $LASTEXITCODE -eq 0
    } catch {
        return $false
    }
}

function Get-RegisteredPython {
    # Where installers of Python say what they installed (PEP 514).
    foreach ($root in 'HKCU:\Software\Python', 'HKLM:\Software\Python', 'HKLM:\Software\WOW6432Node\Python') {
        foreach ($key in @(Get-ChildItem -Path "$root\*\*" -ErrorAction SilentlyContinue)) {
            $place = Get-ItemProperty -Path "$($key.PSPath)\InstallPath" -ErrorAction SilentlyContinue
            if (-not $place) { continue }
            if ($place.PSObject.Properties['ExecutablePath']) {
                $place.ExecutablePath
            } elseif ($place.PSObject.Properties['(default)']) {
                Join-Path -Path $place.'(default)' -ChildPath 'python.exe'
            }
        }
    }
}

function Find-Python {
    # The command that starts a Python of that version, or nothing.
    param([string] $Version)
    $candidates = New-Object -TypeName System.Collections.ArrayList
    if ($Python) {
        $null = $candidates.Add(@($Python))
    } else {
        $null = $candidates.Add(@('py', '-3'))
        foreach ($path in @(Get-RegisteredPython)) { $null = $candidates.Add(@($path)) }
        foreach ($name in 'python', 'python3') { $null = $candidates.Add(@($name)) }
    }
    foreach ($candidate in $candidates) {
        if (Test-Python -Command $candidate -Version $Version) { return $candidate }
    }
}

function ConvertTo-NativeArgument {
    # Windows PowerShell 5.1 quotes an argument that has spaces, but lets a backslash at its end swallow the quote.
    param([string] $Text)
    if ($Text.Contains('"')) { throw "a quotation mark cannot be part of this: $Text" }
    $trimmed = $Text.TrimEnd('\')
    if ($trimmed.EndsWith(':')) { return "$trimmed\." }
    return $trimmed
}

function Test-Program {
    # Every program beside this file is what SHA256SUMS says. A file that it does not name could take the place of one
    # of Python's own.
    param([string] $Folder)
    $list = Join-Path -Path $Folder -ChildPath 'SHA256SUMS'
    if (-not (Test-Path -LiteralPath $list)) { return $true }
    $told = @{}
    foreach ($line in @(Get-Content -LiteralPath $list -Encoding UTF8)) {
        if ($line.Length -gt 66) { $told[$line.Substring(66)] = $line.Substring(0, 64) }
    }
    foreach ($file in @(Get-ChildItem -LiteralPath $Folder -File | Where-Object { $_.Extension -eq '.py' })) {
        $hash = (Get-FileHash -LiteralPath $file.FullName -Algorithm SHA256).Hash
        if ($told[$file.Name] -ne $hash) { return $false }
    }
    return $true
}

$here = $PSScriptRoot
if (-not (Test-Program -Folder $here)) {
    Write-Trouble "a program in $here is not what SHA256SUMS says: nothing was installed; fetch the release again" `
        "$here 中的程序与 SHA256SUMS 不符：未安装任何内容，请重新下载发布文件"
    exit 2
}

# Anything that sends Python elsewhere is left out, for this process and its children only.
foreach ($name in 'PYTHONHOME', 'PYTHONPATH', 'VIRTUAL_ENV', 'PYTHONDONTWRITEBYTECODE') {
    Remove-Item -LiteralPath "Env:\$name" -ErrorAction SilentlyContinue
}

$found = @(Find-Python -Version '3, 11')
if (-not $found -and $InstallPython) {
    if (Get-Command -Name winget -CommandType Application -ErrorAction SilentlyContinue) {
        & winget install --exact --id Python.Python.3.12 --scope user
        if ($LASTEXITCODE -ne 0) {
            Write-Trouble "winget ended with $LASTEXITCODE" "winget 失败，退出代码 $LASTEXITCODE"
            exit 3
        }
        $found = @(Find-Python -Version '3, 11')
    }
}
# Good enough to fetch a newer one.
if (-not $found) { $found = @(Find-Python -Version '3, 8') }
if (-not $found -and $Python) {
    Write-Trouble "this is not a Python with pip that runs: $Python" "无法运行此 Python，或它没有 pip：$Python"
    exit 2
}
if (-not $found) {
    Write-Trouble ('no Python was found: run this again with -InstallPython, or `winget install Python.Python.3.12`, ' +
        'or use tunedoc-setup.exe, which brings its own') `
        '未找到 Python：请加 -InstallPython 重新运行，或 `winget install Python.Python.3.12`，或使用自带 Python 的 tunedoc-setup.exe'
    $sign = Get-Command -Name python -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($sign -and $sign.Path -like '*\Microsoft\WindowsApps\*') {
        $host.UI.WriteErrorLine('(the "python" that Windows finds is only the Microsoft Store''s sign for it)')
        $host.UI.WriteErrorLine('（Windows 找到的 python 只是 Microsoft Store 的占位程序）')
    }
    exit 2
}

$arguments = @()
foreach ($pair in @(@('--home', $TunedocHome), @('--index', $Index), @('--wheels', $Wheels), @('--sums', $Sums))) {
    if ($pair[1]) { $arguments += $pair[0], (ConvertTo-NativeArgument -Text $pair[1]) }
}
if ($AddToPath) { $arguments += '--path' }
if ($NoPath) { $arguments += '--no-path' }
if ($Check) { $arguments += '--check' }
if ($NoCheck) { $arguments += '--no-check' }
foreach ($word in $Remaining) { $arguments += ConvertTo-NativeArgument -Text $word }

$first, $rest = $found
$words = @($rest | Where-Object { $_ }) + @((Join-Path -Path $here -ChildPath 'set_up.py')) + $arguments
& $first $words
exit $LASTEXITCODE
