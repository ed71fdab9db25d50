// What SpindleMPI calls of MPI, whose communicators, types and constants are macros that Swift does
// not import. Every function returns MPI's status, and zero is success.
#include <mpi.h>

/// Begins, for calls from the thread that calls this; 1 in *suffices where MPI allows other threads
/// beside it.
static inline int spindle_mpi_begin(int *suffices) {
  int level = MPI_THREAD_SINGLE;
  int status = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
  *suffices = level >= MPI_THREAD_FUNNELED;
  // From here on calls tell of errors instead of ending the program.
  return status ? status : MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

/// 1 in *begun where MPI was begun, even if it was ended since.
static inline int spindle_mpi_is_begun(int *begun) { return MPI_Initialized(begun); }

/// Waits for all and ends.
static inline int spindle_mpi_end(void) { return MPI_Finalize(); }

/// Ends all processes.
static inline int spindle_mpi_abort(int status) { return MPI_Abort(MPI_COMM_WORLD, status); }

static inline int spindle_mpi_rank(int *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }
static inline int spindle_mpi_ranks(int *ranks) { return MPI_Comm_size(MPI_COMM_WORLD, ranks); }

/// Each process gives its bytes of `data`, by counts and offsets [ranks], and gets those of all.
static inline int spindle_mpi_gather(void *data, const int *counts, const int *offsets) {
  return MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, counts, offsets, MPI_BYTE,
                        MPI_COMM_WORLD);
}

/// Sends bytes to one process while it receives others from another; a rank below zero is nobody.
static inline int spindle_mpi_trade(const void *send, int send_count, int to, void *receive,
                                    int receive_count, int from) {
  return MPI_Sendrecv(send, send_count, MPI_BYTE, to < 0 ? MPI_PROC_NULL : to, 0, receive,
                      receive_count, MPI_BYTE, from < 0 ? MPI_PROC_NULL : from, 0, MPI_COMM_WORLD,
                      MPI_STATUS_IGNORE);
}

/// Bytes of the longest text of an error, its end included.
enum { SPINDLE_MPI_ERROR_TEXT = MPI_MAX_ERROR_STRING + 1 };

/// What a status means.
static inline int spindle_mpi_error_text(int status, char text[SPINDLE_MPI_ERROR_TEXT]) {
  int length = 0;
  text[0] = 0;
  return MPI_Error_string(status, text, &length);
}
