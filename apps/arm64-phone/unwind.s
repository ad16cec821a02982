// Stands in for the NDK's libunwind, which std links also where a panic aborts: a backtrace is empty.
.text
.macro answer name, value
.globl \name
.type \name, %function
\name: mov x0, #\value
 ret
.size \name, .-\name
.endm
answer _Unwind_Backtrace 5
answer _Unwind_GetIP 0
answer _Unwind_GetIPInfo 0
answer _Unwind_GetCFA 0
answer _Unwind_FindEnclosingFunction 0
answer _Unwind_GetLanguageSpecificData 0
answer _Unwind_GetRegionStart 0
answer _Unwind_GetTextRelBase 0
answer _Unwind_GetDataRelBase 0
answer _Unwind_SetGR 0
answer _Unwind_SetIP 0
answer _Unwind_DeleteException 0
answer _Unwind_RaiseException 5
.globl _Unwind_Resume
_Unwind_Resume: brk #1
