#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# errors.sh SHEBAO DOC: doc/errors.md is what the binary writes; it fails when it is stale.
set -uo pipefail
"${1:?usage: errors.sh SHEBAO DOC}" errors | diff -u "${2:?usage: errors.sh SHEBAO DOC}" - || {
        echo "doc/errors.md is stale: ./dev format writes it anew"
        exit 1
}
