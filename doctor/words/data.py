"""Words about training data and the verb `data`."""

WORDS: dict[str, tuple[str, str]] = {
    "data.example": (
        "tunedoc data check my-records.jsonl\ntunedoc data check job.yaml\n"
        "tunedoc data fix my-records.jsonl -o better.jsonl --drop-duplicates\n"
        "tunedoc data identity --name Robin --author Ada -o identity.jsonl",
        "tunedoc data check 我的数据.jsonl\ntunedoc data check 任务.yaml\n"
        "tunedoc data fix 我的数据.jsonl -o 新数据.jsonl --drop-duplicates\n"
        "tunedoc data identity --name 小知 --author 张三 -o 身份.jsonl",
    ),
    "data.help_action": (
        "check: read every record and name what cannot be used, with its line; fix: write a mended copy; "
        "convert: write a copy as OpenAI messages; identity: make questions about the assistant's name and author",
        "check：读取每条记录，指出无法使用的内容及其所在行；fix：写出修正后的副本；"
        "convert：写出 OpenAI messages 格式的副本；identity：生成关于助手名字和作者的问答",
    ),
    "data.help_files": (
        "data files or folders (JSON, JSONL, CSV, TSV, Parquet, text), or one job file (YAML) for check",
        "数据文件或文件夹（JSON、JSONL、CSV、TSV、Parquet、文本）；check 也可以给一个任务文件（YAML）",
    ),
    "data.help_model": (
        "count tokens with this model's tokenizer and show examples as it would see them",
        "用该模型的分词器统计 token，并按模型所见显示样例",
    ),
    "data.help_method": (
        "the training method that the data is for: layouts that it cannot use are failures",
        "数据用于哪种训练方法：该方法用不了的格式算作错误",
    ),
    "data.help_max_length": (
        "longest record in tokens; the surplus counts as cut (1024, or the job's)",
        "每条记录最多的 token 数，超出部分算作截断（默认 1024，或按任务文件）",
    ),
    "data.help_held_out": (
        "a file meant for measuring: its questions are looked for in the other files (may be repeated)",
        "仅用于评估的文件：检查其中的问题是否也出现在其他文件中（可重复使用）",
    ),
    "data.help_examples": ("records to show as the model would see them (2)", "按模型所见显示的记录数（默认 2）"),
    "data.help_quick": (
        "look for exact duplicates only, not for records that are nearly the same",
        "只查找完全重复的记录，不查找近似重复",
    ),
    "data.help_output": ("the new file; it must not exist yet", "新文件，必须尚不存在"),
    "data.help_drop_unusable": (
        "fix: leave out the records that cannot be used or mended",
        "fix：去掉无法使用也无法修正的记录",
    ),
    "data.help_drop_duplicates": (
        "fix: leave out records that are the same as an earlier one",
        "fix：去掉与前面相同的记录",
    ),
    "data.help_name": ("identity: the assistant's name", "identity：助手的名字"),
    "data.help_author": ("identity: who made the assistant", "identity：助手的作者"),
    "data.help_language": (
        "identity: language of the questions (that of tunedoc's own words)",
        "identity：问答的语言（默认与 tunedoc 的界面语言相同）",
    ),
    "data.files_needed": ("no data file is named", "没有指定数据文件"),
    "data.files_needed_hint": ("`tunedoc data {action} FILE`", "`tunedoc data {action} 文件`"),
    "data.one_file": ("only one file can be written anew at a time", "一次只能重写一个文件"),
    "data.one_file_hint": (
        "run `tunedoc data {action}` for each file, each with an `-o` of its own",
        "请对每个文件分别运行 `tunedoc data {action}`，各用一个 `-o`",
    ),
    "data.output_needed": ("the new file is not named", "没有指定新文件"),
    "data.output_needed_hint": (
        "add `-o NEW.jsonl`; `tunedoc data {action}` never changes the file itself",
        "请加上 `-o 新文件.jsonl`；`tunedoc data {action}` 从不改动原文件",
    ),
    "data.bad_max_length": ("`--max-length` must be at least 1", "`--max-length` 至少为 1"),
    "data.file_exists": ("there is something of this name already", "已存在同名的文件或文件夹"),
    "data.file_exists_hint": ("name another file; nothing is overwritten", "请换一个文件名；不会覆盖任何文件"),
    "data.no_folder": ("the folder for the new file does not exist", "新文件所在的文件夹不存在"),
    "data.no_folder_hint": ("make it first, or name another place", "请先创建它，或换一个位置"),
    # Identity questions.
    "data.identity_files": ("`identity` reads no files", "`identity` 不读取文件"),
    "data.identity_needs": ("`{option}` is missing", "缺少 `{option}`"),
    "data.identity_hint": (
        "`tunedoc data identity --name Robin --author Ada -o identity.jsonl`",
        "`tunedoc data identity --name 小知 --author 张三 -o 身份.jsonl`",
    ),
    "data.identity_written": (
        "✓ {file}: {count} questions about who the assistant is, with answers",
        "✓ {file}：{count} 条关于助手身份的问答",
    ),
    "data.identity_next": (
        "name it under `data:` of your job beside your other files; where these are few, a `weight` of 1 to 3 will do",
        "把它和其他数据一起写在任务文件的 `data:` 下；其他数据不多时，`weight` 取 1 到 3 即可",
    ),
    # Looking with a tokenizer.
    "data.looking": ("{count} records so far", "已读取 {count} 条记录"),
    "data.not_counted": (
        "tokens are not counted: that needs the training environment, which `tunedoc install` makes",
        "未统计 token：这需要训练环境，可用 `tunedoc install` 安装",
    ),
    "data.tokens": (
        "{records} sequences, {tokens} tokens; {share} % of them are learned from",
        "{records} 条序列，共 {tokens} 个 token；其中 {share}% 参与学习",
    ),
    "data.percentiles": (
        "length in tokens: half have at most {half}, 95 % at most {most}, 99 % at most {nearly}; the longest {longest}",
        "长度（token）：一半不超过 {half}，95% 不超过 {most}，99% 不超过 {nearly}，最长 {longest}",
    ),
    "data.no_chat_template": (
        "● the model has no chat template; a plain one stands in, in training too",
        "● 模型没有对话模板；已用一个简单模板代替，训练时也一样",
    ),
    "data.nothing_cut": (
        "nothing is cut at {max_length} tokens (`max_length`)",
        "在 {max_length} 个 token（`max_length`）处没有任何截断",
    ),
    "data.cut": (
        "● {records} ({percent} %) are longer than {max_length} tokens (`max_length`): {tokens} tokens would be cut, "
        "{answer} of them from answers",
        "● {records} 条（{percent}%）超过 {max_length} 个 token（`max_length`）："
        "会截掉 {tokens} 个 token，其中 {answer} 个属于回答",
    ),
    "data.cut_whole": (
        "● of {records} nothing would be learned: their answers begin beyond the limit",
        "● 其中 {records} 条完全学不到内容：回答在截断位置之后才开始",
    ),
    "data.example_title": (
        "example: {file}, {place}, {tokens} tokens",
        "样例：{file}，{place}，{tokens} 个 token",
    ),
    "data.example_more": ("  … and {count} more tokens", "  …另有 {count} 个 token"),
    "data.colours": (
        "green: learned; grey: given and not learned; red: cut off",
        "绿色：参与学习；灰色：只作输入；红色：被截断",
    ),
    "data.signs": (
        "{begin}…{end}: learned; {lost}…{gone}: cut off; the rest is given and not learned",
        "{begin}…{end}：参与学习；{lost}…{gone}：被截断；其余只作输入",
    ),
    # A better copy.
    "data.cannot_fix": (
        "only JSON and JSONL can be mended, and this is neither",
        "只能修正 JSON 和 JSONL 文件，而此文件两者都不是",
    ),
    "data.recoded": ("  ✓ the encoding was {encoding} and is UTF-8 now", "  ✓ 编码由 {encoding} 改为 UTF-8"),
    "data.fixed": (
        "{file}: {written} of {rows} rows, {usable} of them can be used; {mended} were mended, {left_out} left out",
        "{file}：共 {rows} 行，写入 {written} 行，其中 {usable} 条可用；修正了 {mended} 行，去掉了 {left_out} 行",
    ),
    "data.still_unusable": (
        "✗ {count} rows cannot be used and are in the new file as they were; `--drop-unusable` leaves them out",
        "✗ 有 {count} 行无法使用，已原样保留在新文件中；用 `--drop-unusable` 可去掉",
    ),
    "data.left_out": ("left out: {message}", "已去掉：{message}"),
    "data.nothing_to_write": ("no row is left that could be written", "没有剩下任何可写出的行"),
    "data.mend_list": (
        "the list's commas and brackets are as JSON wants them",
        "列表的逗号和括号已按 JSON 的规定写好",
    ),
    "data.mend_line_comma": ("the comma after the record is gone", "去掉了记录后面的逗号"),
    "data.mend_inner_comma": ("a comma before a closing bracket is gone", "去掉了右括号前的逗号"),
    "data.mend_control_characters": (
        "control characters in strings are written as JSON wants them",
        "字符串中的控制字符已按 JSON 的规定转义",
    ),
    "data.mend_python_notation": ("Python's notation became JSON", "Python 写法已改为 JSON"),
    "data.mend_number": ("`{field}`: a number became the text `{after}`", "`{field}`：数字改为文本 `{after}`"),
    "data.mend_role": ("`{field}`: `{before}` became `{after}`", "`{field}`：`{before}` 改为 `{after}`"),
    "data.mend_system_first": ("the system message went to the beginning", "system 消息移到了开头"),
    "data.mend_joined": (
        "`{field}`: joined with the turn before it, which is the same speaker's ({after})",
        "`{field}`：与上一轮合并，两轮同为 {after}",
    ),
    "data.converted": (
        "✓ {file}: {count} records as OpenAI messages",
        "✓ {file}：{count} 条记录，OpenAI messages 格式",
    ),
    "data.nothing_to_convert": ("no record of the file can be used", "文件中没有可用的记录"),
    # Files that cannot be opened.
    "data.no_file": ("there is no such data file", "没有这个数据文件"),
    "data.no_file_hint": (
        "check the path; put it in quotes when it holds spaces",
        "请检查路径；路径中有空格时请加引号",
    ),
    "data.is_folder": ("this is a folder, and one file is written anew at a time", "这是文件夹；一次只能重写一个文件"),
    "data.is_folder_hint": ("name a file in it", "请指定其中的一个文件"),
    "data.unreadable": ("the file cannot be read: {detail}", "无法读取文件：{detail}"),
    "data.check_hint": (
        '`tunedoc data check "{file}"` lists every problem in the file',
        '`tunedoc data check "{file}"` 可列出文件中的所有问题',
    ),
    "data.at_record": ("record {record} (counted from 0): {message}", "第 {record} 条记录（从 0 开始）：{message}"),
    "data.and_more": ("{message} (and {count} more problems)", "{message}（另有 {count} 个问题）"),
    # The report.
    "data.summary": (
        "{mark} {file}: {ok} of {rows} records can be used; {layout}, {form}",
        "{mark} {file}：{rows} 条记录中有 {ok} 条可用；{layout}，{form}",
    ),
    "data.summary_unreadable": ("{mark} {file}: nothing can be read", "{mark} {file}：没有可读取的内容"),
    "data.at_line": ("line {line}", "第 {line} 行"),
    "data.at_both": ("record {record}, line {line}", "第 {record} 条，第 {line} 行"),
    "data.at_place": ("record {record}", "第 {record} 条"),
    "data.whole_file": ("file", "文件"),
    "data.not_listed": (
        "  … and {count} more that are counted but not listed",
        "  …另有 {count} 项只计数，未列出",
    ),
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
    "data.problem_left_aside": (
        "files in the folder that are not taken as data: {count} ({names})",
        "文件夹中有 {count} 个文件不作为数据读取（{names}）",
    ),
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
        "the layout is unknown: its fields are {names}; known are instruction/output, conversations, messages, "
        "prompt/completion, chosen/rejected and text; `columns` in a job says what is meant",
        "格式未知：字段为 {names}；支持 instruction/output、conversations、messages、prompt/completion、"
        "chosen/rejected 和 text；可在任务的 `columns` 中说明各字段的含义",
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
    "data.problem_duplicate_same": ("a duplicate of {first}", "与{first}重复（duplicate）"),
    "data.problem_duplicate_spelt": (
        "the same as {first} but for case, spaces and punctuation",
        "除大小写、空格和标点外，与{first}相同",
    ),
    "data.problem_duplicate_near": (
        "nearly a duplicate of {first}: about {percent} % is the same",
        "与{first}近似重复：约 {percent}% 相同",
    ),
    "data.problem_near_limit": (
        "from here on only exact duplicates are looked for: the memory for near ones is used up",
        "从这里起只查找完全重复的记录：用于查找近似重复的内存已用完",
    ),
    "data.problem_leak_same": (
        "held out, but the same question is learned from in {first}",
        "这是评估数据，但训练数据中有相同的问题：{first}",
    ),
    "data.problem_leak_spelt": (
        "held out, but {first} asks the same but for case, spaces and punctuation",
        "这是评估数据，但{first}除大小写、空格和标点外是同一个问题",
    ),
    "data.problem_leak_near": (
        "held out, but {first} asks nearly the same: about {percent} % is",
        "这是评估数据，但{first}问的几乎相同：约 {percent}%",
    ),
    "data.problem_split_leak": (
        "{count} records are the same or nearly the same as others, and {percent} % of all are held out by chance "
        "(`held_out`): some are measured on and learned from too; drop the duplicates or name `held_out_data`",
        "有 {count} 条记录相同或近似，而评估数据是随机抽取的 {percent}%（`held_out`）："
        "其中一些会同时用于训练和评估；请去掉重复记录，或指定 `held_out_data`",
    ),
    "data.first_line": ("line {line}", "第 {line} 行"),
    "data.line_of": ("line {line} of {file}", "{file} 第 {line} 行"),
    "data.first_record": ("record {record}", "第 {record} 条记录"),
    "data.record_of": ("record {record} of {file}", "{file} 第 {record} 条记录"),
    "data.problem_placeholder": (
        "`{name}` was never filled in, here and perhaps below; `tunedoc data identity` makes questions with your names",
        "从这里起，`{name}` 没有替换；可用 `tunedoc data identity` 生成带有你的名字的问答",
    ),
    "data.problem_cut": (
        "{tokens} tokens, of which the last {cut} are cut at {max_length} (`max_length`)",
        "共 {tokens} 个 token，在 {max_length}（`max_length`）处截掉最后 {cut} 个",
    ),
    "data.problem_answer_cut": (
        "no answer begins within the first {max_length} of its {tokens} tokens (`max_length`): nothing is learned",
        "共 {tokens} 个 token，前 {max_length} 个（`max_length`）之内没有回答：什么也学不到",
    ),
    "data.problem_template_refused": (
        "the model's chat template refuses this conversation: {reason}",
        "模型的对话模板拒绝这段对话：{reason}",
    ),
    "data.problem_template_without_tools": (
        "the model's chat template leaves tools out: the calls in these records would be learned as empty answers",
        "模型的对话模板不支持工具：这些记录中的工具调用会被当作空回答来学习",
    ),
    "data.problem_media_uncounted": (
        "from here on records have images, videos or sound: their own tokens come on top of what is counted",
        "从这里起记录带有图片、视频或音频：它们自身的 token 未计入统计",
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
    "data.problem_undefined_tool": (
        "the answer calls `{name}`, which `tools` does not define",
        "回答调用了 `{name}`，但 `tools` 中没有定义它",
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
