"""Words about the training environment."""

WORDS: dict[str, tuple[str, str]] = {
    "environment.missing": ("there is no training environment yet", "还没有训练环境"),
    "environment.missing_hint": ("run `tunedoc install` to build one", "运行 `tunedoc install` 来构建"),
}
