# SPDX-License-Identifier: Apache-2.0
# The commit that is built, into a header that changes only when it does: what failed is said with it.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=10 OUTPUT_VARIABLE commit
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "#define SHEBAO_COMMIT \"${commit}\"\n")
