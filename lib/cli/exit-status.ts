/** What the exit status of every command says. */
export const EXIT = {
  allIsWell: 0,
  needsALook: 1,
  cannotBeDone: 2,
  /** 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export const EXIT_STATUS_HELP = `
Exit status:
  ${EXIT.allIsWell}    all is well
  ${EXIT.needsALook}    something needs a look: what, is printed
  ${EXIT.cannotBeDone}    what was asked cannot be done: nothing was begun
  ${EXIT.interrupted}  interrupted at once (a second Ctrl-C, or one before anything had begun)`;
