# Writes commit.h with the commit that the source tree is at; "" outside a repository.  Unchanged when nothing changed.
execute_process(COMMAND git -c safe.directory=* -C ${ROOT} rev-parse --short=12 HEAD
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "")
endif()
set(text "/* commit.h - written by commit.cmake with each build. */\n#define ESCRIBA_COMMIT \"${commit}\"\n")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
  file(WRITE ${OUT} "${text}")
endif()
