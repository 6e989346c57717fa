"""Words about training data and the verb `data`."""

WORDS: dict[str, tuple[str, str]] = {
    "data.example": ("tunedoc data check my-records.jsonl", "tunedoc data check 我的数据.jsonl"),
    "data.help_action": (
        "check: read every record and name what cannot be used, with its line",
        "check：读取每条记录，并指出无法使用的内容及其所在行",
    ),
    "data.help_files": ("JSON or JSONL files", "JSON 或 JSONL 文件"),
    # Files that cannot be opened.
    "data.no_file": ("there is no such data file", "没有这个数据文件"),
    "data.no_file_hint": (
        "check the path; put it in quotes when it holds spaces",
        "请检查路径；路径中有空格时请加引号",
    ),
    "data.is_folder": ("this is a folder, and data are files", "这是文件夹，而数据应是文件"),
    "data.is_folder_hint": ("name the JSON or JSONL files in it", "请指定其中的 JSON 或 JSONL 文件"),
    "data.unreadable": ("the file cannot be read: {detail}", "无法读取文件：{detail}"),
    "data.check_hint": (
        '`tunedoc data check "{file}"` lists every problem in the file',
        '`tunedoc data check "{file}"` 可列出文件中的所有问题',
    ),
    "data.at_record": ("record {record} (counted from 0): {message}", "第 {record} 条记录（从 0 开始）：{message}"),
    "data.and_more": ("{message} (and {count} more problems)", "{message}（另有 {count} 个问题）"),
    # The report.
    "data.summary": (
        "{mark} {file}: {ok} of {rows} records can be used; {layout}, {form}, {encoding}",
        "{mark} {file}：{rows} 条记录中有 {ok} 条可用；{layout}，{form}，{encoding}",
    ),
    "data.summary_unreadable": ("{mark} {file}: nothing can be read", "{mark} {file}：没有可读取的内容"),
    "data.at_line": ("line {line}", "第 {line} 行"),
    "data.at_place": ("record {record}", "第 {record} 条"),
    "data.whole_file": ("file", "文件"),
    "data.more_findings": (
        "  … and {count} more; `--json` or `-v` shows all",
        "  …另有 {count} 项；用 `--json` 或 `-v` 查看全部",
    ),
    "data.layout_alpaca": ("Alpaca", "Alpaca 格式"),
    "data.layout_sharegpt": ("ShareGPT", "ShareGPT 格式"),
    "data.layout_openai": ("OpenAI messages", "OpenAI messages 格式"),
    "data.layout_prompt_completion": ("prompt and completion", "prompt/completion 格式"),
    "data.layout_preference": ("preference pairs", "偏好数据"),
    "data.layout_kto": ("KTO", "KTO 数据"),
    "data.layout_media": ("with images, sound or video", "含图片、音频或视频"),
    "data.layout_text": ("plain text", "纯文本"),
    "data.layout_none": ("layout unknown", "格式未知"),
    # Problems of a file.
    "data.problem_no_records": ("the file is empty: there are no records in it", "文件是空的：没有任何记录"),
    "data.problem_not_text": (
        "this is not a text file ({kind}); give JSON or JSONL",
        "这不是文本文件（{kind}）；请提供 JSON 或 JSONL",
    ),
    "data.problem_encoding": (
        "the text is in no known encoding (UTF-8, UTF-16, GBK), or damaged here; save it as UTF-8",
        "文本编码无法识别（不是 UTF-8、UTF-16 或 GBK），或者此处已损坏；请另存为 UTF-8",
    ),
    "data.problem_utf8_bom": (
        "the file begins with a UTF-8 byte order mark (BOM); it is skipped",
        "文件以 UTF-8 BOM 开头；已忽略",
    ),
    "data.problem_other_encoding": (
        "the file's encoding is {encoding}, not UTF-8; it is read as such",
        "文件编码是 {encoding} 而不是 UTF-8；已按该编码读取",
    ),
    "data.problem_layout_preference": (
        "preference pairs (chosen, rejected) are for `method: dpo`, `orpo` or `reward`",
        "偏好数据（chosen、rejected）用于 `method: dpo`、`orpo` 或 `reward`",
    ),
    "data.problem_layout_kto": (
        "answers marked good or bad (KTO) are for `method: kto`",
        "标注好坏的回答（KTO）用于 `method: kto`",
    ),
    "data.problem_layout_text": (
        "plain text without questions and answers is for `method: pretrain`",
        "没有问答的纯文本用于 `method: pretrain`",
    ),
    "data.problem_layout_for_method": (
        "`method: {method}` cannot learn from records of this layout ({layout})",
        "`method: {method}` 无法使用这种格式（{layout}）的记录",
    ),
    "data.problem_no_file": ("there is no such file or folder", "没有这个文件或文件夹"),
    "data.problem_unreadable": ("the file cannot be read: {words}", "无法读取文件：{words}"),
    "data.problem_no_data_files": (
        "there is no data file in this folder (JSON, JSONL, CSV, TSV, Parquet, Arrow, text)",
        "文件夹中没有数据文件（JSON、JSONL、CSV、TSV、Parquet、Arrow 或文本）",
    ),
    "data.problem_left_aside": ("this file in the folder is not taken as data", "文件夹中的这个文件不作为数据读取"),
    "data.problem_needs_pyarrow": (
        "{kind} files are read in the training environment only, and it has no pyarrow or is not installed",
        "{kind} 文件只能在训练环境中读取，而该环境尚未安装或缺少 pyarrow",
    ),
    "data.problem_bad_table": ("this {kind} file is damaged: {words}", "{kind} 文件已损坏：{words}"),
    "data.problem_by_columns": (
        "the table is written column by column; it is read row by row",
        "表格按列存放；已按行读取",
    ),
    "data.problem_guessed_columns": (
        "the layout is not said, so these fields are read as: {names}; `columns` in the job says otherwise",
        "未说明格式，因此按以下方式读取字段：{names}；可在任务的 `columns` 中另行指定",
    ),
    "data.problem_unused_fields": (
        "nothing is learned from the fields {names}",
        "不会学习以下字段：{names}",
    ),
    "data.problem_not_numbers": (
        "NaN or Infinity stands here, which JSON does not know; it is read as null, here and below",
        "此处有 NaN 或 Infinity，JSON 不支持；此处及以下均按 null 读取",
    ),
    "data.problem_rest_unread": (
        "where the next record begins cannot be told after this, so the rest of the file is not read",
        "此处之后无法判断下一条记录从哪里开始，文件其余部分未读取",
    ),
    "data.problem_duplicate_name": (
        "the field `{name}` stands here twice, and only one of them could be used",
        "字段 `{name}` 在这里出现两次，只有一个会生效",
    ),
    "data.problem_csv_open_quote": (
        "a quoted cell is never closed: everything up to line {last} is taken for one cell",
        "引号没有闭合：直到第 {last} 行的内容都被当作一个单元格",
    ),
    "data.problem_csv_quote": (
        'a quote stands inside a cell; write it twice ("") and put the cell in quotes',
        '单元格内含有引号；请写成两个（""）并用引号括住整个单元格',
    ),
    "data.problem_csv_cells": (
        "this row has {cells} cells and the first line has {columns} names",
        "这一行有 {cells} 个单元格，而首行有 {columns} 个列名",
    ),
    "data.problem_message_tree": (
        "each row is one message of a tree of them (OASST), not a conversation; put the messages of a thread together",
        "每行是对话树（OASST）中的一条消息，而不是完整对话；请先把同一线索的消息合并",
    ),
    "data.problem_wrapped_list": (
        "the records are read from the list under `{name}`",
        "记录读自 `{name}` 下的列表",
    ),
    "data.problem_not_a_list": (
        "the file holds one JSON object and not a list (array) of records in a known layout; its fields: {names}",
        "文件中是单个 JSON 对象，而不是已知格式的记录列表（数组）；其字段：{names}",
    ),
    "data.problem_bad_json": (
        "this is not valid JSON (column {column}): {expected}",
        "JSON 语法有误（第 {column} 列）：{expected}",
    ),
    "data.problem_deep_json": (
        "this JSON is nested too deeply or holds a number that is too long",
        "JSON 嵌套过深，或数字过长",
    ),
    "data.json_value": ("a value is expected", "此处应有一个值"),
    "data.json_comma": ("a comma is expected", "此处应有逗号"),
    "data.json_colon": ("a colon is expected", "此处应有冒号"),
    "data.json_name": ("a field name in double quotes is expected", "此处应有用双引号括起的字段名"),
    "data.json_unterminated": ("a string is unterminated: its closing quote is missing", "字符串没有结束：缺少右引号"),
    "data.json_control": (
        "a string holds a line break or another control character; write it as \\n",
        "字符串中含有换行等控制字符；请写成 \\n",
    ),
    "data.json_closing": (
        "the list's closing bracket is missing: the file is cut off",
        "缺少列表的右方括号：文件不完整",
    ),
    "data.json_extra": ("there is more after the end of the value", "值结束之后还有多余内容"),
    "data.json_trailing_comma": ("a comma stands before a closing bracket", "右括号前多了一个逗号"),
    "data.json_escape": ("a backslash begins no known escape; write it as \\\\", "反斜杠转义有误；请写成 \\\\"),
    # Problems of a row.
    "data.problem_not_an_object": (
        "a record must be an object with fields, and this is a {found}",
        "记录应是带字段的对象，而这里是{found}",
    ),
    "data.problem_unknown_layout": (
        "the layout is unknown: its fields are {names}; known are instruction/output, conversations, messages and "
        "prompt/completion",
        "格式未知：字段为 {names}；支持 instruction/output、conversations、messages 和 prompt/completion",
    ),
    "data.problem_mixed_layout": (
        "the layout ({layout}) is another than the file's ({first})",
        "格式（{layout}）与文件其余部分（{first}）不同",
    ),
    "data.problem_mixed_note": (
        "from here on there are also records in another layout ({layout}, the file began with {first})",
        "从这里起还有其他格式的记录（{layout}，文件开头是 {first}）",
    ),
    "data.problem_duplicate_line": ("a duplicate of line {first}", "与第 {first} 行重复（duplicate）"),
    "data.problem_duplicate_record": (
        "a duplicate of record {first}",
        "与第 {first} 条记录重复（duplicate）",
    ),
    "data.problem_missing": ("the field `{field}` is missing", "缺少字段 `{field}`"),
    "data.problem_empty": ("`{field}` is empty", "`{field}` 是空的"),
    "data.problem_wrong_type": (
        "`{field}` must be a {expected}, and this is a {found}",
        "`{field}` 应为{expected}，而这里是{found}",
    ),
    "data.problem_bad_history": (
        "`history[{place}]` must be a pair of strings: question and answer",
        "`history[{place}]` 应是一对字符串：问题和回答",
    ),
    "data.problem_same_answers": (
        "`chosen` and `rejected` are the same (identical) answer",
        "`chosen` 和 `rejected` 是相同的回答",
    ),
    "data.problem_system_late": (
        "the role `system` may only come first, and here it is turn {place}",
        "`system` 角色只能出现在最前面，而这里是第 {place} 轮",
    ),
    "data.problem_role_first": (
        "the first role must be user (human), and here it is {role}: the order is wrong",
        "第一个角色应是 user（human），而这里是 {role}：顺序有误",
    ),
    "data.problem_role_order": (
        "the roles are out of order: {role} comes after {before} in turn {place}",
        "角色顺序有误：第 {place} 轮 {role} 出现在 {before} 之后",
    ),
    "data.problem_no_answer": (
        "there is no answer to learn: the last turn must be the assistant's, and it is the {role}'s",
        "没有可学习的回答：最后一轮应是 assistant，而这里是 {role}",
    ),
    "data.problem_unknown_role": (
        "the role `{role}` is unknown; known are system, user (human), assistant (gpt) and tool",
        "未知角色 `{role}`；支持 system、user（human）、assistant（gpt）和 tool",
    ),
    "data.problem_media_part": (
        "a part of the message is neither text nor a file ({kind})",
        "消息中有既非文本也非文件的内容（{kind}）",
    ),
    "data.problem_media_count": (
        "`<{kind}>` stands {marks} times in the messages, and {files} files are named",
        "消息中 `<{kind}>` 出现 {marks} 次，而列出了 {files} 个文件",
    ),
    "data.problem_media_missing": ("there is no such file: {name}", "没有这个文件：{name}"),
    "data.problem_media_elsewhere": (
        "`{name}` is not a file here; save it as one and name that",
        "`{name}` 不是本地文件；请另存为文件后再引用",
    ),
    "data.problem_media_bytes": (
        "`{field}` holds the file itself and not its name; save it as a file and name that",
        "`{field}` 中是文件内容而不是文件名；请另存为文件后再引用",
    ),
    "data.problem_bad_tools": (
        "`{field}` must be a tool's definition: an object with a `name`",
        "`{field}` 应是工具定义：带有 `name` 的对象",
    ),
    "data.problem_bad_tool_call": (
        "`{field}` must be a tool call in JSON: an object with `name` and `arguments`",
        "`{field}` 应是 JSON 格式的工具调用：带有 `name` 和 `arguments` 的对象",
    ),
    "data.problem_bad_weight": (
        "`{field}` must be 0 (not learned) or 1, and it is {weight}",
        "`{field}` 应为 0（不学习）或 1，而这里是 {weight}",
    ),
    "data.problem_nothing_to_learn": (
        "every answer is marked as not to be learned",
        "所有回答都被标记为不学习",
    ),
    "data.problem_prompt_differs": (
        "`chosen` and `rejected` must answer the same question, and they begin differently",
        "`chosen` 和 `rejected` 应回答同一个问题，而两者的开头不同",
    ),
    "data.problem_half_character": (
        "the text holds half a character (a lone surrogate such as \\ud83d)",
        "文本中有半个字符（单独的代理码，如 \\ud83d）",
    ),
    "data.kind_null": ("null", "空值（null）"),
    "data.kind_boolean": ("true or false", "布尔值"),
    "data.kind_number": ("number", "数字"),
    "data.kind_string": ("string", "字符串"),
    "data.kind_array": ("list", "列表"),
    "data.kind_object": ("object", "对象"),
}
