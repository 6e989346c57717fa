"""Python scripts and notebooks that train: their settings are read out of the source, which is never run."""

from __future__ import annotations

import ast
import json
import warnings
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.importing.model import Given, Unread
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

_ARGUMENTS = {
    "TrainingArguments": "trainer", "Seq2SeqTrainingArguments": "trainer", "SFTConfig": "sft", "DPOConfig": "dpo",
    "KTOConfig": "kto", "ORPOConfig": "orpo", "RewardConfig": "reward", "UnslothTrainingArguments": "trainer",
    "CPOConfig": "cpo", "GRPOConfig": "grpo", "PPOConfig": "ppo", "BCOConfig": "bco",
}  # fmt: skip
_TRAINERS = {
    "SFTTrainer": "sft", "DPOTrainer": "dpo", "KTOTrainer": "kto", "ORPOTrainer": "orpo", "RewardTrainer": "reward",
    "Trainer": "trainer", "Seq2SeqTrainer": "trainer", "UnslothTrainer": "sft", "GRPOTrainer": "grpo",
    "PPOTrainer": "ppo", "CPOTrainer": "cpo",
}  # fmt: skip
_PEFT = {
    "r": "lora_r", "target_modules": "lora_target_modules", "modules_to_save": "lora_modules_to_save",
    "init_lora_weights": "init_lora_weights", "lora_r": "lora_r",
}  # fmt: skip
_TRAINER_OBJECTS = {
    "model", "args", "train_dataset", "eval_dataset", "tokenizer", "processing_class", "data_collator", "peft_config",
    "compute_metrics", "callbacks", "formatting_func", "optimizers", "model_init", "preprocess_logits_for_metrics",
    "self",
}  # fmt: skip
"""Arguments of trainers that are objects and no settings; what is in them is read where they are made."""
_MOST_STEPS = 40
"""Names that are followed one after the other."""
_MOST_LOOKS = 50_000
"""Expressions that are looked at in all: names that stand for each other twice over would never end."""
_LONGEST_TEXT = 4096


def read_script(source: str, file: Path) -> dict[str, Given]:
    """The settings in a script, under the names that command lines have. Raises BadInput."""
    try:
        with warnings.catch_warnings():
            # What Python finds odd in somebody's script is none of our business.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError as exc:
        raise BadInput(
            text("importing.bad_python", detail=exc.msg, column=exc.offset or 1), file=str(file), line=exc.lineno
        ) from exc
    except (ValueError, RecursionError, MemoryError) as exc:
        raise BadInput(text("importing.bad_python", detail=str(exc) or "too deep", column=1), file=str(file)) from exc
    try:
        return _Script(tree, file).settings()
    except RecursionError as exc:
        raise BadInput(text("importing.bad_python", detail="too deep", column=1), file=str(file)) from exc


def notebook_source(source: str, file: Path) -> str:
    """A notebook's code, without the lines that are commands of the notebook. Raises BadInput."""
    try:
        cells = json.loads(source)["cells"]
        code = [
            "".join(cell["source"]) if isinstance(cell["source"], list) else str(cell["source"])
            for cell in cells
            if cell.get("cell_type") == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise BadInput(text("importing.bad_notebook"), file=str(file)) from exc
    lines = "\n".join(code).splitlines()
    return "\n".join(_indent(line) + "pass" if line.lstrip().startswith(("!", "%")) else line for line in lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


class _Script:
    """One parsed script."""

    def __init__(self, tree: ast.Module, file: Path) -> None:
        self.file = file
        self._looked = 0
        self.names: dict[str, ast.expr | None] = {}
        """What a name is set to; None where it is set to several things."""
        self.attributes: dict[str, ast.expr] = {}
        """Defaults of command-line options and of dataclass fields."""
        self.calls: list[tuple[str, ast.Call]] = []
        self._collect(tree)

    def settings(self) -> dict[str, Given]:
        found: dict[str, Given] = {}

        def put(name: str, value: object, node: ast.AST) -> None:
            found[name] = Given(name=name, value=value, file=self.file, line=getattr(node, "lineno", None))

        trained = False
        for name, call in self.calls:
            last = name.rpartition(".")[2]
            if last in _ARGUMENTS:
                trained = True
                if last != "TrainingArguments" or "method_of_command" not in found:
                    put("method_of_command", _ARGUMENTS[last], call)
                self._keywords(call, put, {})
            elif last in _TRAINERS:
                trained = True
                if _TRAINERS[last] != "trainer" or "method_of_command" not in found:
                    put("method_of_command", _TRAINERS[last], call)
                self._keywords(call, put, {}, leave_out=_TRAINER_OBJECTS)
            elif last in ("LoraConfig", "get_peft_model"):
                unsloth = last == "get_peft_model" and name.startswith("Fast")
                if last == "LoraConfig" or unsloth:
                    put("use_peft", True, call)
                    self._keywords(call, put, _PEFT, leave_out={"model"})
            elif last == "BitsAndBytesConfig":
                self._keywords(call, put, {})
            elif last == "from_pretrained" and ("Model" in name or "AutoModel" in name):
                self._model(name, call, put)
            elif last == "load_dataset":
                self._data(call, put, found)
            elif last == "train_test_split":
                size = next((each.value for each in call.keywords if each.arg == "test_size"), None)
                if size is not None:
                    put("val_set_size", self.value(size), call)
            elif last in ("DataCollatorForCompletionOnlyLM", "train_on_responses_only"):
                put("completion_only_loss", True, call)
            elif last == "tokenizer" or name.endswith("tokenizer.__call__"):
                length = next((each.value for each in call.keywords if each.arg == "max_length"), None)
                if length is not None and "max_length" not in found:
                    put("max_length", self.value(length), call)
        if not trained:
            raise BadInput(
                text("importing.no_arguments"), hint=text("importing.no_arguments_hint"), file=str(self.file)
            )
        return found

    def value(self, node: ast.expr, depth: int = 0) -> Any:
        """What an expression is worth, as far as the source tells; Unread otherwise."""
        self._looked += 1
        if depth > _MOST_STEPS or self._looked > _MOST_LOOKS:
            return Unread(_source(node)[:200])
        match node:
            case ast.Constant(value=value):
                return value if not isinstance(value, bytes | complex) else Unread(_source(node))
            case ast.Name(id=name):
                held = self.names.get(name)
                return self.value(held, depth + 1) if held is not None else Unread(name)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                values = [self.value(part, depth + 1) for part in parts]
                return Unread(_source(node)) if any(isinstance(each, Unread) for each in values) else values
            case ast.Dict(keys=keys, values=parts):
                pairs = [
                    (self.value(key, depth + 1), self.value(part, depth + 1))
                    for key, part in zip(keys, parts, strict=True)
                    if key is not None
                ]
                known = [(key, value) for key, value in pairs if isinstance(key, str)]
                return dict(known)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.value(operand, depth + 1)
                return -value if isinstance(value, int | float) else Unread(_source(node))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                value = self.value(operand, depth + 1)
                return not value if isinstance(value, bool) else Unread(_source(node))
            case ast.BinOp(left=left, op=operator, right=right):
                return self._sum(node, self.value(left, depth + 1), operator, self.value(right, depth + 1))
            case ast.JoinedStr(values=parts):
                values = [
                    self.value(part.value if isinstance(part, ast.FormattedValue) else part, depth + 1)
                    for part in parts
                ]
                if any(isinstance(each, Unread | list | dict) for each in values):
                    return Unread(_source(node))
                return "".join(str(each) for each in values)
            case ast.Attribute(attr=attribute):
                source = _source(node)
                if source.startswith("torch."):
                    return attribute
                held = self.attributes.get(attribute)
                return self.value(held, depth + 1) if held is not None else Unread(source)
            case ast.Subscript(value=inner, slice=key):
                held, place = self.value(inner, depth + 1), self.value(key, depth + 1)
                try:
                    return held[place] if isinstance(held, dict | list) else Unread(_source(node))
                except (KeyError, IndexError, TypeError):
                    return Unread(_source(node))
            case ast.Call():
                return self._call(node, depth)
            case _:
                return Unread(_source(node))

    def _call(self, node: ast.Call, depth: int) -> Any:
        name = _source(node.func)
        last = name.rpartition(".")[2]
        if last in ("is_bfloat16_supported", "is_bf16_supported"):
            return "auto"
        values = [self.value(each, depth + 1) for each in node.args]
        if any(isinstance(each, Unread) for each in values):
            return Unread(_source(node))
        if name in ("os.path.join", "Path") and all(isinstance(each, str) for each in values) and values:
            return "/".join(each.rstrip("/") for each in values[:-1]) + ("/" if len(values) > 1 else "") + values[-1]
        if name in ("str", "int", "float", "list", "tuple") and len(values) == 1:
            try:
                return {"str": str, "int": int, "float": float, "list": list, "tuple": list}[name](values[0])
            except (ValueError, TypeError, OverflowError):
                return Unread(_source(node))
        if name == "dict" and not values:
            return {each.arg: self.value(each.value, depth + 1) for each in node.keywords if each.arg}
        if last == "getenv" and len(values) == 2:
            return values[1]
        if last == "get" and name.startswith("os.environ") and len(values) == 2:
            return values[1]
        return Unread(_source(node))

    @staticmethod
    def _sum(node: ast.expr, left: Any, operator: ast.operator, right: Any) -> Any:
        numbers = all(isinstance(each, int | float) and abs(each) < 1e12 for each in (left, right))
        try:
            match operator:
                case ast.Add() if numbers:
                    return left + right
                case ast.Add() if isinstance(left, str) and isinstance(right, str):
                    return left + right if len(left) + len(right) < _LONGEST_TEXT else Unread(_source(node)[:200])
                case ast.Sub() if numbers:
                    return left - right
                case ast.Mult() if numbers:
                    return left * right
                case ast.Div() if numbers:
                    return left / right
                case ast.Div() if isinstance(left, str) and isinstance(right, str):
                    return f"{left.rstrip('/')}/{right}"
                case ast.FloorDiv() if numbers:
                    return left // right
                case ast.Pow() if numbers and abs(right) <= 64:
                    return left**right
                case _:
                    return Unread(_source(node))
        except (ArithmeticError, ValueError):
            return Unread(_source(node))

    def _collect(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._set(name, value)
                case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                    self._set(name, value)
                case ast.ClassDef(body=body):
                    for each in body:
                        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value:
                            self.attributes[each.target.id] = _default_of(each.value)
                case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
                    named = [*arguments.posonlyargs, *arguments.args]
                    pairs = list(zip(reversed(named), reversed(arguments.defaults), strict=False))
                    pairs += [
                        (each, default)
                        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                        if default is not None
                    ]
                    for argument, default in pairs:
                        self.names.setdefault(argument.arg, default)
                case ast.Call(func=function):
                    name = _source(function)
                    self.calls.append((name, node))
                    if name.endswith(".add_argument"):
                        self._option(node)
                case _:
                    pass
        self.calls.sort(key=lambda pair: (pair[1].lineno, pair[1].col_offset))

    def _set(self, name: str, value: ast.expr) -> None:
        if name in self.names and self.names[name] is not None:
            held = self.names[name]
            same = held is not None and ast.dump(held) == ast.dump(value)
            self.names[name] = value if same or not isinstance(held, ast.Constant) else None
        elif name not in self.names:
            self.names[name] = value

    def _option(self, call: ast.Call) -> None:
        flags = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
        name = long.lstrip("-").replace("-", "_")
        keywords = {each.arg: each.value for each in call.keywords}
        if name and "default" in keywords:
            self.attributes[name] = keywords["default"]
        elif name and isinstance(action := keywords.get("action"), ast.Constant) and action.value == "store_true":
            self.attributes[name] = ast.Constant(value=False)

    def _keywords(
        self, call: ast.Call, put: Any, names: dict[str, str], leave_out: frozenset[str] | set[str] = frozenset()
    ) -> None:
        for keyword in call.keywords:
            if keyword.arg is None:
                held = self.value(keyword.value)
                if isinstance(held, dict):
                    for name, value in held.items():
                        put(names.get(name, name), value, call)
                else:
                    put(f"**{_source(keyword.value)[:60]}", Unread(_source(keyword.value)), call)
                continue
            if keyword.arg in leave_out:
                continue
            value = self.value(keyword.value)
            if keyword.arg in ("fp16", "bf16") and isinstance(value, Unread) and "bf" in value.source:
                value = "auto" if keyword.arg == "bf16" else False
            if keyword.arg == "args" and isinstance(value, Unread):
                continue
            if keyword.arg == "quantization_config":
                continue
            put(names.get(keyword.arg, keyword.arg), value, keyword.value)

    def _model(self, name: str, call: ast.Call, put: Any) -> None:
        if "Unsloth" not in name and name.partition(".")[0] in ("PeftModel", "AutoPeftModelForCausalLM"):
            put("adapter_name_or_path", self.value(call.args[-1]) if call.args else Unread(name), call)
            return
        if call.args:
            put("model_name_or_path", self.value(call.args[0]), call)
        if name.startswith("Fast"):
            put("use_unsloth", True, call)
        names = {"model_name": "model_name_or_path", "pretrained_model_name_or_path": "model_name_or_path"}
        self._keywords(call, put, names, leave_out={"config", "tokenizer"})

    def _data(self, call: ast.Call, put: Any, found: dict[str, Given]) -> None:
        keywords = {each.arg: each.value for each in call.keywords if each.arg}
        files = self.value(keywords["data_files"]) if "data_files" in keywords else None
        name = self.value(call.args[0]) if call.args else self.value(keywords["path"]) if "path" in keywords else None
        split = self.value(keywords["split"]) if "split" in keywords else None
        if isinstance(files, dict):
            put("dataset_name", files.get("train", Unread(_source(call))), call)
            held = next((files[key] for key in ("validation", "test", "eval", "valid", "dev") if key in files), None)
            if held is not None:
                put("eval_dataset_name", held, call)
            return
        what = files if files is not None else name
        is_held = isinstance(split, str) and split.startswith(("test", "valid", "dev", "eval"))
        second = "dataset_name" in found and what != found["dataset_name"].value
        if is_held or (second and any(part in str(what).lower() for part in ("val", "test", "eval", "dev"))):
            put("eval_dataset_name", what, call)
        elif not second:
            put("dataset_name", what, call)
        else:
            held_name = found["dataset_name"].value
            names = [*(held_name if isinstance(held_name, list) else [held_name]), what]
            put("dataset_name", names if all(isinstance(each, str) for each in names) else held_name, call)
        if isinstance(split, str) and "[" in split:
            put("dataset_train_split", split, call)
        if len(call.args) > 1 and files is None:
            put("dataset_config", self.value(call.args[1]), call)


def _default_of(node: ast.expr) -> ast.expr:
    """The default in `field(default=…)`, else the value itself."""
    if isinstance(node, ast.Call) and _source(node.func).rpartition(".")[2] == "field":
        for keyword in node.keywords:
            if keyword.arg == "default":
                return keyword.value
    return node


def _source(node: ast.AST) -> str:
    return ast.unparse(node)
