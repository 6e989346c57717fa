; The Windows setup program of tunedoc. Built on Linux by `python installers/windows/build.py`, which gives:
;   VERSION, NUMBERS (1.2.3.0), STAGE (folder to pack), PYTHON (its folder's name under python\), OUT, COMPRESSION
;
; It unpacks, asks and shows; what is decided and done, set_up.pyz does (installers/windows/setting_up).
;
;   /S                silent          /D=C:\folder      where to, unquoted and last
;   /NOPATH /PATH     without / with an entry in the user's Path (with, unless an earlier setup was told otherwise)
;   /NOSHORTCUT /SHORTCUT   without / with an entry in the Start menu
;   /OWNPYTHON /ANYPYTHON   tunedoc's own Python even if another one fits / only if none does
;   /LANG=en|zh
; Exit codes: 0 done, 1 stopped by the user, 2 failed: nothing was changed, an earlier version works on.
; The log: %TEMP%\tunedoc-setup.log, after success setup.log in the folder of the program.

Target amd64-unicode
Unicode true
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
!if "${COMPRESSION}" == "off"
  SetCompress off
!else
  SetCompressor ${COMPRESSION}
!endif
!if "${COMPRESSION}" == "/SOLID lzma"
  SetCompressorDictSize 64
!endif
SetDateSave off
CRCCheck on

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "nsDialogs.nsh"
!include "WinVer.nsh"
!include "x64.nsh"

!define ENTRIES "Software\Microsoft\Windows\CurrentVersion\Uninstall"
!define ENTRY "Software\Microsoft\Windows\CurrentVersion\Uninstall\tunedoc"

Name "tunedoc"
Caption "tunedoc ${VERSION}"
BrandingText "tunedoc ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\tunedoc"
InstallDirRegKey HKCU "${ENTRY}" "InstallLocation"
ShowInstDetails show
ShowUninstDetails show

VIProductVersion "${NUMBERS}"
VIAddVersionKey /LANG=0 "ProductName" "tunedoc"
VIAddVersionKey /LANG=0 "CompanyName" "tunedoc"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "tunedoc setup"
VIAddVersionKey /LANG=0 "LegalCopyright" "Apache License 2.0"

!ifdef SIGN
  !uninstfinalize `${SIGN}`
!endif

Var Path
Var Menu
Var Own
Var Log
Var Message
Var Python
Var Everything
Var Box1
Var Box2
Var Box3
Var Upgrade

!define MUI_ICON "tunedoc.ico"
!define MUI_UNICON "tunedoc.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_NOAUTOCLOSE
!define MUI_UNFINISHPAGE_NOAUTOCLOSE

!define MUI_LICENSEPAGE_BUTTON "$(^NextBtn)"
!define MUI_LICENSEPAGE_TEXT_BOTTOM " "
!insertmacro MUI_PAGE_LICENSE "${STAGE}/new/LICENSE.txt"
!define MUI_PAGE_CUSTOMFUNCTION_PRE skip_when_installed
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE check_folder
!insertmacro MUI_PAGE_DIRECTORY
Page custom show_options leave_options
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\bin\tunedoc-app.exe"
!define MUI_FINISHPAGE_RUN_TEXT "$(T_RUN)"
!define MUI_FINISHPAGE_TEXT "$(T_FINISH)"
!insertmacro MUI_PAGE_FINISH

UninstPage custom un.show_data un.leave_data
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"
!include "texts.nsh"

!macro CHOOSE_LANGUAGE
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/LANG=" $1
  ${If} ${Errors}
    ReadRegStr $1 HKCU "${ENTRY}" "SetupLanguage"
  ${EndIf}
  ${If} $1 == "en"
    StrCpy $LANGUAGE ${LANG_ENGLISH}
  ${ElseIf} $1 == "zh"
    StrCpy $LANGUAGE ${LANG_SIMPCHINESE}
  ${EndIf}
!macroend

; An option of the command line, else what the last setup was told, else the ordinary.
!macro CHOOSE VARIABLE VALUE ON OFF ORDINARY
  ClearErrors
  ReadRegDWORD ${VARIABLE} HKCU "${ENTRY}" "${VALUE}"
  ${If} ${Errors}
    StrCpy ${VARIABLE} ${ORDINARY}
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/${OFF}" $1
  ${IfNot} ${Errors}
    StrCpy ${VARIABLE} 0
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/${ON}" $1
  ${IfNot} ${Errors}
    StrCpy ${VARIABLE} 1
  ${EndIf}
!macroend

Function .onInit
  !insertmacro CHOOSE_LANGUAGE
  SetShellVarContext current
  SetRegView 64
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(T_NOT_X64)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w "Local\tunedoc-setup") p .r1 ?e'
  Pop $1
  ${If} $1 = 183
    MessageBox MB_OK|MB_ICONSTOP "$(T_BUSY)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  StrCpy $Log "$TEMP\tunedoc-setup.log"
  ReadRegStr $1 HKCU "${ENTRY}" "InstallLocation"
  StrCpy $Upgrade 0
  ${If} $1 != ""
  ${AndIf} ${FileExists} "$1\installed.json"
    StrCpy $Upgrade 1
  ${EndIf}
  ${GetParameters} $0
  !insertmacro CHOOSE $Path "SetupPath" "PATH" "NOPATH" 1
  !insertmacro CHOOSE $Menu "SetupMenu" "SHORTCUT" "NOSHORTCUT" 1
  !insertmacro CHOOSE $Own "SetupOwnPython" "OWNPYTHON" "ANYPYTHON" 0
FunctionEnd

Function skip_when_installed
  ${If} $Upgrade = 1
    Abort
  ${EndIf}
FunctionEnd

Function check_folder
  StrLen $0 $INSTDIR
  ${If} $0 < 4
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(T_BAD_FOLDER)" /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

Function show_options
  !insertmacro MUI_HEADER_TEXT "$(T_OPTIONS)" "$(T_OPTIONS_LINE)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateCheckbox} 0 4u 100% 12u "$(T_MENU)"
  Pop $Box1
  ${NSD_SetState} $Box1 $Menu
  ${NSD_CreateCheckbox} 0 22u 100% 12u "$(T_PATH)"
  Pop $Box2
  ${NSD_SetState} $Box2 $Path
  ${NSD_CreateCheckbox} 0 40u 100% 12u "$(T_OWN)"
  Pop $Box3
  ${NSD_SetState} $Box3 $Own
  ${NSD_CreateLabel} 0 66u 100% 36u "$(T_OPTIONS_NOTE)"
  Pop $0
  nsDialogs::Show
FunctionEnd

Function leave_options
  ${NSD_GetState} $Box1 $Menu
  ${NSD_GetState} $Box2 $Path
  ${NSD_GetState} $Box3 $Own
FunctionEnd

Section
  ; The environment, in KiB, beside what is unpacked.
  AddSize 150000
  ; A folder that is typed with a backslash at its end would end the quotes round it.
  StrCpy $0 $INSTDIR 1 -1
  ${If} $0 == "\"
    StrCpy $INSTDIR $INSTDIR -1
  ${EndIf}
  StrLen $0 $INSTDIR
  ${If} $0 < 4
    StrCpy $Message "$(T_BAD_FOLDER)"
    Goto failed
  ${EndIf}
  Delete "$Log"
  DetailPrint "$(T_UNPACKING)"
  SetDetailsPrint none
  StrCpy $Message "$(T_NOT_UNPACKED)"
  ClearErrors
  RMDir /r "$INSTDIR\new"
  SetOutPath "$INSTDIR\new"
  ${If} ${Errors}
    Goto failed
  ${EndIf}
  ; A file that cannot be written: silently go on, and see the error afterwards.
  SetOverwrite try
  !include "${STAGE}/new.nsh"
  SetOutPath "$INSTDIR\new"
  WriteUninstaller "$INSTDIR\new\uninstall.exe"
  ${If} ${Errors}
    Goto failed
  ${EndIf}
  ; One that is there already may be in use, and is the same: its name says so.
  ${IfNot} ${FileExists} "$INSTDIR\python\${PYTHON}\complete.txt"
    SetOutPath "$INSTDIR\python\${PYTHON}"
    !include "${STAGE}/python.nsh"
    ${If} ${Errors}
      Goto failed
    ${EndIf}
    FileOpen $0 "$INSTDIR\python\${PYTHON}\complete.txt" w
    FileClose $0
  ${EndIf}
  SetOutPath "$INSTDIR"
  SetDetailsPrint both
  Delete "$PLUGINSDIR\result.ini"
  nsExec::ExecToLog '"$INSTDIR\python\${PYTHON}\python.exe" -I -B "$INSTDIR\new\set_up.pyz" install --folder "$INSTDIR" \
    --new "$INSTDIR\new" --own-python "$INSTDIR\python\${PYTHON}" --version "${VERSION}" --path $Path --menu $Menu \
    --must-own $Own --language $(T_LANGUAGE) --log "$Log" --result "$PLUGINSDIR\result.ini"'
  Pop $0
  ReadINIStr $Message "$PLUGINSDIR\result.ini" "result" "message"
  ReadINIStr $1 "$PLUGINSDIR\result.ini" "result" "discard"
  SetDetailsPrint none
  ${If} $1 == "1"
    RMDir /r "$INSTDIR\python\${PYTHON}"
    RMDir "$INSTDIR\python"
  ${EndIf}
  SetDetailsPrint both
  ${If} $0 == "0"
    Goto done
  ${EndIf}
  ${If} $Message == ""
    StrCpy $Message "$(T_NO_START) ($0)"
  ${EndIf}

failed:
  SetDetailsPrint none
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\new"
  ${IfNot} ${FileExists} "$INSTDIR\installed.json"
    ${If} ${FileExists} "$INSTDIR\python\${PYTHON}\python.exe"
      RMDir /r "$INSTDIR\python\${PYTHON}"
      RMDir "$INSTDIR\python"
    ${EndIf}
    RMDir "$INSTDIR\versions"
    RMDir "$INSTDIR\bin"
    RMDir "$INSTDIR"
    RMDir "$LOCALAPPDATA\Programs"
  ${EndIf}
  SetDetailsPrint both
  DetailPrint "$Message"
  MessageBox MB_OK|MB_ICONSTOP "$Message" /SD IDOK
  SetErrorLevel 2
  Abort "$Message"

done:
  SetDetailsPrint none
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\new"
  Delete "$INSTDIR\setup.log"
  CopyFiles /SILENT "$Log" "$INSTDIR\setup.log"
  Delete "$Log"
  ${If} $Menu = 1
    SetOutPath "$PROFILE"
    CreateShortCut "$SMPROGRAMS\tunedoc.lnk" "$INSTDIR\bin\tunedoc-app.exe" "" "$INSTDIR\tunedoc.ico" 0
    SetOutPath "$TEMP"
  ${Else}
    Delete "$SMPROGRAMS\tunedoc.lnk"
  ${EndIf}
  SetDetailsPrint both
  ${If} $Message != ""
    DetailPrint "$Message"
  ${EndIf}
  SetErrorLevel 0
SectionEnd

Function un.onInit
  !insertmacro CHOOSE_LANGUAGE
  SetShellVarContext current
  SetRegView 64
  StrCpy $Everything 0
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/EVERYTHING" $1
  ${IfNot} ${Errors}
    StrCpy $Everything 1
  ${EndIf}
  ; Only a folder that setting up has made is taken apart.
  ${IfNot} ${FileExists} "$INSTDIR\installed.json"
    MessageBox MB_OK|MB_ICONSTOP "$(T_UN_NOT_OURS)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Function un.show_data
  !insertmacro MUI_HEADER_TEXT "$(T_UN_DATA)" "$(T_UN_DATA_LINE)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 4u 100% 44u "$(T_UN_NOTE)"
  Pop $0
  ${NSD_CreateCheckbox} 0 56u 100% 12u "$(T_UN_EVERYTHING)"
  Pop $Box1
  ${NSD_SetState} $Box1 $Everything
  nsDialogs::Show
FunctionEnd

Function un.leave_data
  ${NSD_GetState} $Box1 $Everything
FunctionEnd

Section "Uninstall"
  StrCpy $Log "$TEMP\tunedoc-uninstall.log"
  Delete "$Log"
  ReadRegStr $Python HKCU "${ENTRY}" "SetupPython"
  ${If} ${FileExists} "$Python"
    InitPluginsDir
    nsExec::ExecToLog '"$Python" -I -B "$INSTDIR\set_up.pyz" remove --folder "$INSTDIR" --everything $Everything \
      --language $(T_LANGUAGE) --log "$Log" --result "$PLUGINSDIR\result.ini"'
    Pop $0
    ReadINIStr $Message "$PLUGINSDIR\result.ini" "result" "message"
    ${If} $0 != "0"
      ${If} $Message == ""
        StrCpy $Message "$Python: $0"
      ${EndIf}
      DetailPrint "$Message"
      MessageBox MB_OK|MB_ICONSTOP "$Message" /SD IDOK
      SetErrorLevel 2
      Abort "$Message"
    ${EndIf}
  ${Else}
    MessageBox MB_YESNO|MB_ICONEXCLAMATION "$(T_UN_NO_PYTHON)" /SD IDYES IDYES go_on
    SetErrorLevel 1
    Abort
  ${EndIf}
go_on:
  SetDetailsPrint none
  Delete "$SMPROGRAMS\tunedoc.lnk"
  DeleteRegKey HKCU "${ENTRY}"
  DeleteRegKey /ifempty HKCU "${ENTRIES}"
  RMDir /r "$INSTDIR\bin"
  RMDir /r "$INSTDIR\versions"
  RMDir /r "$INSTDIR\python"
  RMDir /r "$INSTDIR\new"
  Delete "$INSTDIR\current.txt"
  Delete "$INSTDIR\leftovers.txt"
  Delete "$INSTDIR\set_up.pyz"
  Delete "$INSTDIR\tunedoc.ico"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\setup.log"
  Delete "$INSTDIR\uninstall.exe"
  Delete "$INSTDIR\installed.json"
  RMDir "$INSTDIR"
  ; A profile may not have had it before; while it holds anything it stays.
  RMDir "$LOCALAPPDATA\Programs"
  Delete "$Log"
  SetDetailsPrint both
  ${If} $Message != ""
    DetailPrint "$Message"
    MessageBox MB_OK|MB_ICONINFORMATION "$Message" /SD IDOK
  ${EndIf}
SectionEnd
