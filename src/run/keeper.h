/* [keeper] The process that loads the plugins for one slot, forks its workers
 * and removes what they leave behind. */
#ifndef RUN_KEEPER_H
#define RUN_KEEPER_H

/* The keeper's descriptors: its standard input is /dev/null, its standard
 * output and error are the pipe of printed text. */
enum {
    KEEPER_CONTROL = 3, /* a socket to the host */
    KEEPER_SLATE = 4,   /* the memory file of the slot's slate */
    KEEPER_PRINTED = 5, /* the end to read of the pipe of printed text */
    KEEPER_BUDGET = 6,  /* the budget of cores, or /dev/null */
    KEEPER_DESCRIPTORS = 7,
};

/* The name by which the host executable knows that it is to be a keeper. */
#define KEEPER_ROLE "drover-keeper"

/* Be a keeper until the host closes the control socket. Returns the exit
 * status. */
int keeper_main(void);

#endif
