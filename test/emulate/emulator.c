/*===- emulator.c - A block of GPU threads on one thread of a CPU ---------===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* Each thread of a block is a coroutine that runs until it waits: for all at a
 * barrier, for those of its team, or for its warp at what warps do together,
 * such as a product by tensor cores. Between two barriers warps run one after
 * the other, from the first, from the last, or in random order, each as far as
 * it can: a kernel in which one needs what another has not finished gives other
 * results then. Copies to shared
 * memory happen at once in one order, and when they are waited for in the
 * others. The kernel's LLVM IR calls the functions below in place of
 * instructions.
 *
 * Beside results, what keeps them right is checked: clang's thread sanitizer
 * tells of each load and store of the kernel, and two warps must not access the
 * same place of shared memory, one of them to write, unless a barrier that both
 * wait at, or a chain of them, is between. */

#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { MOST = 512, WARP = 32, STACK = 1 << 18 };
enum State { RUNS, AT_BARRIER, AT_WARP, DONE };
enum Task { SHUFFLE, LOAD_MATRICES, MULTIPLY, TRANSPOSE, MEET };

extern char lrc_shared[];
void kernel(void *call, void *scratch);

static ucontext_t contexts[MOST], scheduler;
static enum State states[MOST];
static int threads, current, block;
/* Which barrier a thread waits at, and for how many. */
enum { BARRIERS = 16 };
static int barriers[MOST], barrier_threads[MOST];
static void *call_, *scratch_;
/* What threads of a warp do together, and what each gives and gets. Of a
 * shuffle, `source` is where the result comes from. */
static struct {
  enum Task task;
  uint32_t value, source;
  const char *address; /* of a row of 8 numbers of 16 bits */
  int count, transposed;
  uint32_t lhs[4], rhs[2];
  float sums[4];
  uint32_t words[4];
} lanes[MOST];

/* Copies that a thread has started. */
enum { COPIES = 256 };
static struct {
  char *to;
  const char *from;
  int bytes;
} copies[MOST][COPIES];
static int started[MOST];
static int copies_at_once;

/* What each warp knows of the others: up to which of their barriers; and who
 * accessed each two bytes of shared memory last, and when. */
enum { WARPS = MOST / WARP, SHARED_BYTES = 1 << 18, CELL = 2 };
static uint32_t known[WARPS][WARPS], latest;
static struct {
  uint32_t written, read[WARPS];
  uint32_t writer;
} cells[SHARED_BYTES / CELL];
static char race[160];

static void report(const char *kind, int place, int other) {
  if (!race[0])
    snprintf(race, sizeof race,
             "%s of the same 2 bytes at %d of shared memory, by warps %d and "
             "%d, without a barrier between",
             kind, CELL * place, other, current / WARP);
}

static void access_shared(const void *address, int bytes, int writes) {
  int64_t offset = (const char *)address - lrc_shared;
  if (offset < 0 || offset + bytes > SHARED_BYTES)
    return;
  int warp = current / WARP;
  const uint32_t *knows = known[warp];
  for (int place = (int)offset / CELL;
       place <= (int)(offset + bytes - 1) / CELL; ++place) {
    if (knows[cells[place].writer] < cells[place].written)
      report(writes ? "two writes" : "a write and a read", place,
             (int)cells[place].writer);
    if (!writes) {
      cells[place].read[warp] = knows[warp];
      continue;
    }
    for (int other = 0; other < threads / WARP; ++other)
      if (knows[other] < cells[place].read[other])
        report("a read and a write", place, other);
    cells[place].written = knows[warp];
    cells[place].writer = (uint32_t)warp;
  }
}

/* Warps that waited at a barrier know all that each of them knew. */
static void meet_at(int id) {
  int meets[WARPS] = {0};
  uint32_t all[WARPS] = {0};
  for (int i = 0; i < threads; ++i)
    meets[i / WARP] |= states[i] == AT_BARRIER && barriers[i] == id;
  for (int warp = 0; warp < threads / WARP; ++warp)
    for (int other = 0; meets[warp] && other < threads / WARP; ++other)
      if (all[other] < known[warp][other])
        all[other] = known[warp][other];
  for (int warp = 0; warp < threads / WARP; ++warp) {
    if (!meets[warp])
      continue;
    memcpy(known[warp], all, sizeof all);
    if (++known[warp][warp] > latest)
      latest = known[warp][warp];
  }
}

/* All that was before is known to a block that starts. */
static void start_clocks(void) {
  for (int warp = 0; warp < WARPS; ++warp)
    for (int other = 0; other < WARPS; ++other)
      known[warp][other] = latest + (warp == other);
  ++latest;
}

const char *emulated_race(void) { return race; }

/* What the thread sanitizer calls. */
#define ACCESS(NAME, BYTES, WRITES)                                            \
  void NAME(const void *address) { access_shared(address, BYTES, WRITES); }
#define ACCESSES(BYTES)                                                        \
  ACCESS(__tsan_read##BYTES, BYTES, 0)                                         \
  ACCESS(__tsan_write##BYTES, BYTES, 1)                                        \
  ACCESS(__tsan_unaligned_read##BYTES, BYTES, 0)                               \
  ACCESS(__tsan_unaligned_write##BYTES, BYTES, 1)
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
void __tsan_init(void) {}
void __tsan_func_entry(const void *caller) { (void)caller; }
void __tsan_func_exit(void) {}
void *__tsan_memset(void *to, int value, size_t bytes) {
  access_shared(to, (int)bytes, 1);
  return memset(to, value, bytes);
}
void *__tsan_memcpy(void *to, const void *from, size_t bytes) {
  access_shared(from, (int)bytes, 0);
  access_shared(to, (int)bytes, 1);
  return memcpy(to, from, bytes);
}

static void wait_as(enum State state) {
  states[current] = state;
  swapcontext(&contexts[current], &scheduler);
}

int32_t emulated_thread(void) { return current; }
int32_t emulated_block(void) { return block; }
void emulated_team_barrier(int32_t id, int32_t count) {
  barriers[current] = id;
  barrier_threads[current] = count;
  wait_as(AT_BARRIER);
}
void emulated_barrier(int32_t id) { emulated_team_barrier(id, threads); }
void emulated_no_barrier(int32_t id) { (void)id; }
void emulated_no_team_barrier(int32_t id, int32_t count) {
  (void)id, (void)count;
}
float emulated_exp2(float x) { return exp2f(x); }

/* What libdevice makes functions on f64 of. */
void emulated_unknown(void) { abort(); }
double emulated_add(double a, double b) { return a + b; }
double emulated_mul(double a, double b) { return a * b; }
double emulated_reciprocal(double x) { return 1 / x; }
int32_t emulated_round(double x) { return (int32_t)nearbyint(x); }
static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
int32_t emulated_high_word(double x) { return (int32_t)(bits_of(x) >> 32); }
int32_t emulated_low_word(double x) { return (int32_t)bits_of(x); }
double emulated_of_words(int32_t low, int32_t high) {
  uint64_t bits = (uint64_t)(uint32_t)high << 32 | (uint32_t)low;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint32_t shuffle(uint32_t value, uint32_t source) {
  lanes[current].task = SHUFFLE;
  lanes[current].value = value;
  lanes[current].source = source;
  wait_as(AT_WARP);
  return lanes[current].words[0];
}

uint32_t emulated_bfly(uint32_t mask, uint32_t value, uint32_t distance,
                       uint32_t clamp) {
  (void)mask, (void)clamp;
  return shuffle(value, (uint32_t)current ^ distance);
}

uint32_t emulated_up(uint32_t mask, uint32_t value, uint32_t distance,
                     uint32_t clamp) {
  (void)mask;
  uint32_t segment = clamp >> 8; /* bits of the lane that must not change */
  uint32_t lane = (uint32_t)current % WARP;
  uint32_t first = lane & segment;
  return shuffle(value,
                 (uint32_t)current - (lane >= first + distance ? distance : 0));
}

void emulated_meet(uint32_t mask) {
  (void)mask;
  lanes[current].task = MEET;
  wait_as(AT_WARP);
}

uint32_t emulated_transpose(uint32_t value) {
  lanes[current].task = TRANSPOSE;
  lanes[current].value = value;
  wait_as(AT_WARP);
  return lanes[current].words[0];
}

void emulated_load_matrices(uint32_t *result, const char *address, int count,
                            int transposed) {
  if (current % WARP < 8 * count)
    access_shared(address, 16, 0);
  lanes[current].task = LOAD_MATRICES;
  lanes[current].address = address;
  lanes[current].count = count;
  lanes[current].transposed = transposed;
  wait_as(AT_WARP);
  memcpy(result, lanes[current].words, sizeof(uint32_t) * (size_t)count);
}

void emulated_multiply(float *result, const uint32_t *lhs, const uint32_t *rhs,
                       const float *sums) {
  lanes[current].task = MULTIPLY;
  memcpy(lanes[current].lhs, lhs, sizeof lanes[current].lhs);
  memcpy(lanes[current].rhs, rhs, sizeof lanes[current].rhs);
  memcpy(lanes[current].sums, sums, sizeof lanes[current].sums);
  wait_as(AT_WARP);
  memcpy(result, lanes[current].sums, sizeof lanes[current].sums);
}

static void copy(void *to, const void *from, int bytes) {
  access_shared(to, bytes, 1);
  if (copies_at_once || started[current] == COPIES) {
    memcpy(to, from, (size_t)bytes);
    return;
  }
  int index = started[current]++;
  copies[current][index].to = to;
  copies[current][index].from = from;
  copies[current][index].bytes = bytes;
}
void emulated_copy4(void *to, const void *from) { copy(to, from, 4); }
void emulated_copy8(void *to, const void *from) { copy(to, from, 8); }
void emulated_copy16(void *to, const void *from) { copy(to, from, 16); }
void emulated_copy_group(void) {}
void emulated_copy_wait(int32_t groups) {
  (void)groups;
  for (int i = 0; i < started[current]; ++i) {
    /* It may happen at any time until now. */
    access_shared(copies[current][i].to, copies[current][i].bytes, 1);
    memcpy(copies[current][i].to, copies[current][i].from,
           (size_t)copies[current][i].bytes);
  }
  started[current] = 0;
}

/* Numbers of 16 bits, and what clang calls to make them of f32. */
static float widen(uint32_t bits) {
  float number;
  bits <<= 16;
  memcpy(&number, &bits, sizeof number);
  return number;
}
__bf16 __truncsfbf2(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  if (number == number)
    bits += 0x7fff + ((bits >> 16) & 1);
  uint16_t upper = (uint16_t)(bits >> 16);
  __bf16 result;
  memcpy(&result, &upper, sizeof result);
  return result;
}

/* Matrix m has its rows at the addresses of lanes 8 m, 8 m + 1, ..; a lane gets
 * two neighbours of row lane / 4, or of a column. */
static void load_matrices(int warp) {
  for (int matrix = 0; matrix < lanes[warp].count; ++matrix)
    for (int lane = 0; lane < WARP; ++lane) {
      uint32_t word = 0;
      for (int part = 0; part < 2; ++part) {
        int row = lane / 4, column = 2 * (lane % 4) + part;
        if (lanes[warp].transposed) {
          int swapped = row;
          row = column, column = swapped;
        }
        uint16_t number;
        memcpy(&number, lanes[warp + 8 * matrix + row].address + 2 * column, 2);
        word |= (uint32_t)number << (16 * part);
      }
      lanes[warp + lane].words[matrix] = word;
    }
}

/* Two neighbours of a column of 8 x 8 numbers, of which lanes have rows. */
static void transpose(int warp) {
  for (int lane = 0; lane < WARP; ++lane) {
    uint32_t word = 0;
    for (int part = 0; part < 2; ++part) {
      int column = lane / 4, row = 2 * (lane % 4) + part;
      uint32_t both = lanes[warp + 4 * row + column / 2].value;
      word |= (column % 2 ? both >> 16 : both & 0xffff) << (16 * part);
    }
    lanes[warp + lane].words[0] = word;
  }
}

static float part_of(uint32_t word, int part) {
  return widen(part ? word >> 16 : word & 0xffff);
}

/* sums[16,8] += lhs[16,16] rhs[16,8], in the layout of mma.m16n8k16. */
static void multiply(int warp) {
  float lhs[16][16], rhs[16][8];
  for (int lane = 0; lane < WARP; ++lane)
    for (int part = 0; part < 2; ++part) {
      int row = lane / 4, column = 2 * (lane % 4) + part;
      for (int word = 0; word < 4; ++word)
        lhs[row + word % 2 * 8][column + word / 2 * 8] =
            part_of(lanes[warp + lane].lhs[word], part);
      for (int word = 0; word < 2; ++word)
        rhs[column + 8 * word][row] =
            part_of(lanes[warp + lane].rhs[word], part);
    }
  for (int lane = 0; lane < WARP; ++lane)
    for (int i = 0; i < 4; ++i) {
      int row = lane / 4 + i / 2 * 8, column = 2 * (lane % 4) + i % 2;
      for (int k = 0; k < 16; ++k)
        lanes[warp + lane].sums[i] += lhs[row][k] * rhs[k][column];
    }
}

static void work_together(int warp) {
  switch (lanes[warp].task) {
  case SHUFFLE:
    for (int i = warp; i < warp + WARP; ++i)
      lanes[i].words[0] = lanes[lanes[i].source].value;
    break;
  case LOAD_MATRICES:
    load_matrices(warp);
    break;
  case MULTIPLY:
    multiply(warp);
    break;
  case TRANSPOSE:
    transpose(warp);
    break;
  case MEET:
    break;
  }
}

static void run_thread(void) {
  kernel(call_, scratch_);
  wait_as(DONE);
}

/* Whether all threads of a warp are where it does something together. */
static int is_ready(int warp) {
  for (int i = warp; i < warp + WARP; ++i)
    if (states[i] != AT_WARP || lanes[i].task != lanes[warp].task)
      return 0;
  return 1;
}

/* Until the warp waits for others. Returns whether anything was run. */
static int run_warp(int warp, int order) {
  int ran = 0;
  for (;;) {
    for (int i = 0; i < WARP; ++i) {
      current = warp + (order == 1 ? WARP - 1 - i : i);
      if (states[current] == RUNS) {
        swapcontext(&scheduler, &contexts[current]);
        ran = 1;
      }
    }
    if (!is_ready(warp))
      return ran;
    work_together(warp);
    for (int i = warp; i < warp + WARP; ++i)
      states[i] = RUNS;
  }
}

/* Barriers that all have reached open. Returns whether one did. */
static int open_barriers(void) {
  int opened = 0;
  for (int id = 0; id < BARRIERS; ++id) {
    int waiting = 0, wanted = 0;
    for (int i = 0; i < threads; ++i) {
      int waits = states[i] == AT_BARRIER && barriers[i] == id;
      waiting += waits || (id == 0 && states[i] == DONE);
      if (waits)
        wanted = barrier_threads[i];
    }
    if (wanted == 0 || waiting < wanted)
      continue;
    meet_at(id);
    for (int i = 0; i < threads; ++i)
      if (states[i] == AT_BARRIER && barriers[i] == id)
        states[i] = RUNS;
    opened = 1;
  }
  return opened;
}

/* The warp that comes at some place. */
static int warp_at(int place, int order) {
  int warps = threads / WARP;
  int index = order == 0   ? place
              : order == 1 ? warps - 1 - place
                           : (place * 97 + order) % warps;
  return index * WARP;
}

static int are_done(void) {
  for (int i = 0; i < threads; ++i)
    if (states[i] != DONE)
      return 0;
  return 1;
}

/* Returns whether the block came to its end. Where a barrier opens, those that
 * come first go on first. */
static int run_block(int order) {
  while (!are_done()) {
    int ran = 0, opened = 0;
    for (int place = 0; place < threads / WARP && !opened; ++place)
      if (run_warp(warp_at(place, order), order)) {
        ran = 1;
        opened = open_barriers();
      }
    if (!ran)
      return 0;
  }
  return 1;
}

/* Runs blocks 0 .. blocks - 1. Returns 0, or 1 when threads wait for each other
 * in vain, or are too many. */
int emulate(void *call, void *scratch, int blocks, int block_threads,
            int shared_bytes, int order) {
  static char stacks[MOST][STACK];
  call_ = call, scratch_ = scratch, threads = block_threads;
  race[0] = 0;
  copies_at_once = order == 0;
  if (threads > MOST)
    return 1;
  for (block = 0; block < blocks; ++block) {
    memset(lrc_shared, 0xff, (size_t)shared_bytes); /* no numbers */
    start_clocks();
    for (int i = 0; i < threads; ++i) {
      states[i] = RUNS;
      getcontext(&contexts[i]);
      contexts[i].uc_stack.ss_sp = stacks[i];
      contexts[i].uc_stack.ss_size = STACK;
      contexts[i].uc_link = &scheduler;
      makecontext(&contexts[i], run_thread, 0);
    }
    if (!run_block(order))
      return 1;
  }
  return 0;
}
