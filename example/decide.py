#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same from Python through ctypes: decide.py LIBRARY PACK CATEGORY YYYY-MM-DD"""
import ctypes
import json
import sys

library, folder, category, birth = sys.argv[1:]
shebao = ctypes.CDLL(library)
shebao.shebao_text_free.argtypes = [ctypes.c_void_p]
shebao.shebao_pack_free.argtypes = [ctypes.c_void_p]
error = ctypes.create_string_buffer(2048)


def check(code):
    if code != 0:
        sys.exit(error.value.decode())


pack = ctypes.c_void_p()
check(shebao.shebao_pack_open(ctypes.byref(pack), folder.encode(), error))
answer = ctypes.c_void_p()
inputs = json.dumps({"category": category, "birth": birth}).encode()
check(shebao.shebao_decide(pack, b"retirement", b"retirement", b"2026-11-01", inputs, ctypes.byref(answer), error))
decided = json.loads(ctypes.string_at(answer))
shebao.shebao_text_free(answer)
shebao.shebao_pack_free(pack)
print(json.dumps(decided["result"], ensure_ascii=False))
for step in decided["derivation"]["steps"]:
    print("  ", step["decision"], step.get("article") or "")
