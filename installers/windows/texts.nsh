; The words of the setup program and the uninstaller, in both languages. UTF-8.

!macro TEXT NAME ENGLISH CHINESE
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
  LangString ${NAME} ${LANG_SIMPCHINESE} "${CHINESE}"
!macroend
!define TEXT "!insertmacro TEXT"

${TEXT} T_LANGUAGE "en" "zh"
${TEXT} T_OPTIONS "Options" "选项"
${TEXT} T_OPTIONS_LINE "What else shall be set up." "选择还要设置哪些内容。"
${TEXT} T_PATH "Let `tunedoc` be typed in every terminal (adds an entry to your Path)" "在任意终端中都能输入 tunedoc（在您的 Path 中添加一项）"
${TEXT} T_MENU "An entry in the Start menu" "在开始菜单中添加入口"
${TEXT} T_OWN "Use tunedoc's own Python even if another one fits" "即使本机已有合适的 Python，也使用 tunedoc 自带的"
${TEXT} T_OPTIONS_NOTE "Nothing needs an administrator. tunedoc itself is set up without a network; the training environment is fetched later by `tunedoc install`." "全程无需管理员权限。tunedoc 本身的安装不需要网络；训练环境稍后由 tunedoc install 获取。"
${TEXT} T_UNPACKING "unpacking ..." "正在解压 ……"
${TEXT} T_RUN "Open tunedoc" "打开 tunedoc"
${TEXT} T_FINISH "tunedoc is ready. `tunedoc check` in a new terminal examines this machine." "tunedoc 已就绪。在新终端中运行 tunedoc check 即可检查本机。"
${TEXT} T_NOT_X64 "tunedoc needs 64-bit Windows 10 (version 1809) or newer." "tunedoc 需要 64 位 Windows 10（1809 版）或更新的系统。"
${TEXT} T_BUSY "Another setup of tunedoc is at work." "另一个 tunedoc 安装程序正在运行。"
${TEXT} T_BAD_FOLDER "Choose a folder, not a whole drive." "请选择文件夹，而不是整个磁盘。"
${TEXT} T_NO_START "The setup program's Python does not start; perhaps a virus scanner holds it back." "安装程序自带的 Python 无法启动，可能被杀毒软件拦截。"
${TEXT} T_NOT_UNPACKED "The files could not be unpacked into $INSTDIR." "无法将文件解压到 $INSTDIR。"
${TEXT} T_UN_DATA "Your data" "您的数据"
${TEXT} T_UN_DATA_LINE "What shall become of models, runs and exports." "如何处理模型、训练记录和导出文件。"
${TEXT} T_UN_EVERYTHING "Delete models, runs and exports too" "同时删除模型、训练记录和导出文件"
${TEXT} T_UN_NOTE "The program, its environments, caches and logs are removed, and what `tunedoc fix` set for you is taken back. Without the tick your models, training runs and exported files stay where they are." "程序、环境、缓存和日志会被移除，tunedoc fix 为您做的设置会被还原。不勾选时，模型、训练记录和导出文件保留在原处。"
${TEXT} T_UN_NO_PYTHON "The Python that tunedoc was set up with is gone, so its data and its Path entry cannot be taken care of. Running the setup program again and uninstalling then does. Remove the program's files all the same?" "安装 tunedoc 时使用的 Python 已不存在，因此无法处理其数据和 Path 项。可先重新运行安装程序再卸载。仍要删除程序文件吗？"
${TEXT} T_UN_NOT_OURS "There is no tunedoc in $INSTDIR." "$INSTDIR 中没有 tunedoc。"
