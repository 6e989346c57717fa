"""The knowledge base. Its entries carry their own words, in both languages; here is only what frames them."""

WORDS: dict[str, tuple[str, str]] = {
    "knowledge.words": ("{words}", "{words}"),
    "knowledge.line": ("line {number}: {words}", "第 {number} 行：{words}"),
    "knowledge.refused": (
        "{file}, entry {entry}: {name} {reason}",
        "{file} 的条目 {entry}：{name} {reason}",
    ),
    "knowledge.refused_hint": (
        "docs/reference/knowledge.md says what an entry holds",
        "条目的写法见 docs/reference/knowledge.md",
    ),
}
