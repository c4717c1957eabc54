"""Questions that take long: who is covered, where units help, what a roster would do. Asked on pages, answered by a process.

`asking` keeps a question and has it answered; `covering`, `placing` and `playing` answer in a process of their own,
which takes the memory and gives it back; `covered`, `placed` and `played` are the pages that show what was found.
"""
