// Runs a grid's blocks one after another, and the threads of a block as fibers, in an order that a
// seed decides. A fiber runs until its thread waits for others or returns.
//
// Compiled without ThreadSanitizer, whose view of the program shall be the kernels' only: it is
// told of what synchronizes (launches, barriers, warp operations) by the sync points below, and of
// nothing else. So code that runs on a fiber uses only types of this file (templates of common
// types may be linked from instrumented files).
#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <utility>

#include "cuda_on_host.h"
#include "fiber.h"
#include "order.h"
#include "sanitizers.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace cuda_on_host {
namespace {

using namespace sanitizers;

constexpr std::size_t kMaxStaticShared = 48 << 10;
constexpr std::size_t kMaxShared = 227 << 10;

// ThreadSanitizer takes what one fiber does as ordered. With the blocks taking turns on two sets of
// fibers that know nothing of each other it sees races between neighbouring blocks as well.
constexpr std::size_t kFiberSets = kTsan ? 2 : 1;

enum class State { ready, at_block_barrier, at_warp_operation, returned };

struct CudaThread {
  Fiber fiber;
  uint3 index{};
  State state = State::returned;
  std::source_location where;  // of what it waits at
  WarpCall call{};
  std::uint64_t result = 0;  // of the warp operation
};

// Addresses that stand for what synchronizes, for ThreadSanitizer. Barriers that follow each other
// alternate: with one address a thread that is late to leave the first would seem to be ordered
// after what others did on their way to the second.
struct SyncPoints {
  std::array<char, 2> barrier{};
  std::array<std::array<char, 2>, kMaxThreads> warp{};  // by the lowest thread of the operation
};

struct SharedArray {
  const void* key;
  void* bytes;
  std::size_t size;
};

std::string to_string(const uint3& i) {
  return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) + ")";
}

std::string to_string(const std::source_location& where) {
  return std::string(where.file_name()) + ":" + std::to_string(where.line());
}

bool same_place(const std::source_location& a, const std::source_location& b) {
  return a.line() == b.line() && std::strcmp(a.file_name(), b.file_name()) == 0;
}

// Filled with NaNs, since a kernel must not count on any value. ThreadSanitizer does not see the
// filling: whichever thread comes first does it for all.
void* allocate_shared(std::size_t bytes, std::size_t alignment) {
  tsan_ignore_begin();
  void* p = nullptr;
  if (posix_memalign(&p, std::max(alignment, sizeof(void*)), bytes) == 0) {
    std::memset(p, 0xff, bytes);
  }
  tsan_ignore_end();
  if (p == nullptr) throw Fault("no host memory for shared memory");
  return p;
}

class Machine {
 public:
  Machine() {
    if (const char* seed = std::getenv("CUDA_ON_HOST_ORDER")) {
      order_.seed(static_cast<unsigned>(std::atoi(seed)));
    }
  }

  // ThreadSanitizer takes fibers for threads, and would wait a second for their end.
  ~Machine() {
    set_fiber_host();
    for (CudaThread& t : threads_) t.fiber.discard(&block_end_);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void seed(unsigned seed) {
    const std::lock_guard lock(mutex_);
    order_.seed(seed);
  }
  void run(const LaunchShape& shape, void (*body)(void*), void* context);

  // From fibers:
  void wait_in_block(const std::source_location& where);
  std::uint64_t wait_in_warp(const WarpCall& call, const std::source_location& where);
  void* static_shared(const void* key, std::size_t bytes, std::size_t alignment);
  void* dynamic_shared() const { return dynamic_shared_; }
  int lane() const { return static_cast<int>(current_ % kWarp); }
  void fence();
  [[noreturn]] void fault(const std::string& what) const;

 private:
  static void run_thread();
  void create_fibers(std::size_t blocks);
  void run_block();
  void begin_block();
  void resume(std::size_t t);
  void end_block();
  void abandon();

  void make_ready(std::size_t t);
  void release_barrier();
  void try_release_warp(std::size_t t);
  unsigned lanes_present(std::size_t warp_begin) const;
  bool all_arrived(std::size_t warp_begin, unsigned lanes, const CudaThread& caller) const;
  std::uint64_t result_for(std::size_t warp_begin, unsigned lanes, std::size_t lane) const;
  void draw_order();

  void check_running(const char* what) const;
  void check_shape() const;
  std::string describe(std::size_t t) const;
  [[noreturn]] void fault_of_divergence() const;

  CudaThread& thread(std::size_t t) { return threads_[set_ * kMaxThreads + t]; }
  const CudaThread& thread(std::size_t t) const { return threads_[set_ * kMaxThreads + t]; }
  SyncPoints& sync_points() { return sync_points_[set_]; }

  std::mutex mutex_;  // held by the launch that runs
  Order order_;
  std::array<CudaThread, kMaxThreads * kFiberSets> threads_;

  // Of the launch
  const LaunchShape* shape_ = nullptr;  // null between launches
  void (*body_)(void*) = nullptr;
  void* context_ = nullptr;
  std::size_t count_ = 0;  // threads per block

  // Of the block
  std::size_t set_ = 0;  // of fibers
  std::size_t current_ = 0;
  std::size_t returned_ = 0;
  ReadyRanks ready_;
  Permutation thread_of_rank_, rank_of_thread_;
  std::exception_ptr error_;  // that a thread threw
  void* dynamic_shared_ = nullptr;
  std::array<SharedArray, 64> static_shared_{};
  std::size_t static_shared_count_ = 0;
  std::size_t static_shared_bytes_ = 0;

  // For ThreadSanitizer
  std::array<SyncPoints, kFiberSets> sync_points_{};
  char launch_begin_ = 0, block_end_ = 0, fence_ = 0;
  std::size_t barriers_ = 0;
  std::array<std::size_t, kMaxThreads> warp_operations_{};  // by their lowest thread
};

Machine machine;

// --- launches and blocks ---

void Machine::run(const LaunchShape& shape, void (*body)(void*), void* context) {
  const std::lock_guard lock(mutex_);
  shape_ = &shape;
  body_ = body;
  context_ = context;
  try {
    check_shape();
    const dim3 grid = shape.grid;
    const std::size_t blocks = std::size_t{grid.x} * grid.y * grid.z;
    count_ = std::size_t{shape.block.x} * shape.block.y * shape.block.z;
    gridDim = grid;
    blockDim = shape.block;
    set_ = 0;
    set_fiber_host();
    create_fibers(blocks);
    tsan_release(&launch_begin_);
    for (const std::size_t b : order_.draw_blocks(blocks)) {
      blockIdx = {static_cast<unsigned>(b % grid.x), static_cast<unsigned>(b / grid.x % grid.y),
                  static_cast<unsigned>(b / grid.x / grid.y)};
      run_block();
    }
  } catch (...) {
    abandon();
    shape_ = nullptr;
    throw;
  }
  shape_ = nullptr;
}

// All of them before the first block: a new fiber knows what its maker knows, and later this would
// be what earlier blocks did.
void Machine::create_fibers(std::size_t blocks) {
  for (std::size_t set = 0; set < std::min(kFiberSets, blocks); ++set) {
    for (std::size_t t = 0; t < count_; ++t) {
      const std::string name = "CUDA thread " + std::to_string(t);
      threads_[set * kMaxThreads + t].fiber.create(name.c_str());
    }
  }
}

void Machine::run_block() {
  begin_block();
  while (returned_ < count_) {
    const std::size_t rank = ready_.take_lowest();
    if (rank == kMaxThreads) {
      release_barrier();
    } else {
      resume(thread_of_rank_[rank]);
    }
  }
  end_block();
}

void Machine::begin_block() {
  dynamic_shared_ = allocate_shared(shape_->shared_bytes, 128);
  returned_ = 0;
  draw_order();
  for (std::size_t t = 0; t < count_; ++t) {
    const auto i = static_cast<unsigned>(t);
    const dim3& block = shape_->block;
    thread(t).index = {i % block.x, i / block.x % block.y, i / block.x / block.y};
    thread(t).fiber.start(&run_thread);
    make_ready(t);
  }
}

void Machine::run_thread() {
  tsan_acquire(&machine.launch_begin_);
  try {
    machine.body_(machine.context_);
  } catch (...) {
    machine.error_ = std::current_exception();
  }
  machine.thread(machine.current_).state = State::returned;
  tsan_release(&machine.block_end_);
}

void Machine::resume(std::size_t t) {
  current_ = t;
  CudaThread& self = thread(t);
  threadIdx = self.index;
  self.fiber.resume();
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
  if (self.state == State::at_warp_operation) try_release_warp(t);
  if (self.state == State::returned) ++returned_;
}

void Machine::end_block() {
  tsan_acquire(&block_end_);
  for (std::size_t i = 0; i < static_shared_count_; ++i) std::free(static_shared_[i].bytes);
  static_shared_count_ = static_shared_bytes_ = 0;
  std::free(std::exchange(dynamic_shared_, nullptr));
  set_ = (set_ + 1) % kFiberSets;
}

// After a fault. Fibers of the other set are between blocks and can be used again, but are not
// worth the distinction.
void Machine::abandon() {
  for (CudaThread& t : threads_) {
    t.fiber.discard(&block_end_);
    t.state = State::returned;
  }
  ready_.clear();
  end_block();
}

// --- waiting and going on ---

void Machine::draw_order() {
  thread_of_rank_ = order_.draw_threads(count_);
  rank_of_thread_.resize(count_);
  for (std::size_t r = 0; r < count_; ++r) rank_of_thread_[thread_of_rank_[r]] = r;
}

void Machine::make_ready(std::size_t t) {
  thread(t).state = State::ready;
  ready_.insert(rank_of_thread_[t]);
}

void Machine::wait_in_block(const std::source_location& where) {
  check_running("__syncthreads");
  CudaThread& self = thread(current_);
  self.state = State::at_block_barrier;
  self.where = where;
  char* point = &sync_points().barrier[barriers_ % 2];
  tsan_release(point);
  self.fiber.suspend();
  tsan_acquire(point);
}

// Called when no thread can run.
void Machine::release_barrier() {
  for (std::size_t t = 0; t < count_; ++t) {
    const bool here =
        thread(t).state == State::at_block_barrier && same_place(thread(t).where, thread(0).where);
    if (!here) fault_of_divergence();
  }
  ++barriers_;
  draw_order();
  for (std::size_t t = 0; t < count_; ++t) make_ready(t);
}

std::uint64_t Machine::wait_in_warp(const WarpCall& call, const std::source_location& where) {
  check_running(call.operation);
  const std::size_t warp_begin = current_ - current_ % kWarp;
  CudaThread& self = thread(current_);
  self.state = State::at_warp_operation;
  self.where = where;
  self.call = call;
  // The mask may be 0, which try_release_warp refuses.
  const int lowest_lane = __builtin_ctz(call.mask | 1u << 31);
  const std::size_t lowest = warp_begin + static_cast<std::size_t>(lowest_lane);
  char* point = &sync_points().warp[lowest][warp_operations_[lowest] % 2];
  tsan_release(point);
  self.fiber.suspend();
  tsan_acquire(point);
  return self.result;
}

// Lets the lanes of thread t's mask go on, if t was the last to come.
void Machine::try_release_warp(std::size_t t) {
  const std::size_t warp_begin = t - t % kWarp;
  const CudaThread& caller = thread(t);
  const unsigned lanes = caller.call.mask & lanes_present(warp_begin);
  if ((lanes >> (t - warp_begin) & 1) == 0) fault(describe(t) + ", and is not in its own mask");
  if (!all_arrived(warp_begin, lanes, caller)) return;
  for (std::size_t lane = 0; lane < kWarp; ++lane) {
    if ((lanes >> lane & 1) == 0) continue;
    thread(warp_begin + lane).result = result_for(warp_begin, lanes, lane);
    make_ready(warp_begin + lane);
  }
  ++warp_operations_[warp_begin + static_cast<std::size_t>(__builtin_ctz(lanes))];
}

unsigned Machine::lanes_present(std::size_t warp_begin) const {
  const std::size_t lanes = std::min(kWarp, count_ - warp_begin);
  return lanes == kWarp ? ~0u : (1u << lanes) - 1;
}

bool Machine::all_arrived(std::size_t warp_begin, unsigned lanes, const CudaThread& caller) const {
  for (std::size_t lane = 0; lane < kWarp; ++lane) {
    if ((lanes >> lane & 1) == 0) continue;
    const CudaThread& other = thread(warp_begin + lane);
    const bool here = other.state == State::at_warp_operation &&
                      other.call.mask == caller.call.mask &&
                      same_place(other.where, caller.where) &&
                      std::strcmp(other.call.operation, caller.call.operation) == 0;
    if (!here) return false;
  }
  return true;
}

std::uint64_t Machine::result_for(std::size_t warp_begin, unsigned lanes, std::size_t lane) const {
  const int source = thread(warp_begin + lane).call.source_lane;
  if (source == WarpCall::kVote) {
    std::uint64_t votes = 0;
    for (std::size_t i = 0; i < kWarp; ++i) {
      if ((lanes >> i & 1) != 0) votes |= (thread(warp_begin + i).call.value & 1) << i;
    }
    return votes;
  }
  if ((lanes >> source & 1) == 0) {
    fault(describe(warp_begin + lane) + ", and reads lane " + std::to_string(source) +
          ", which its mask leaves out");
  }
  return thread(warp_begin + static_cast<std::size_t>(source)).call.value;
}

// All that came before any thread's fence is ordered before what follows later fences: more than
// CUDA promises, but without it the usual "the last block adds up" would count as a race.
void Machine::fence() {
  check_running("__threadfence");
  tsan_release(&fence_);
  tsan_acquire(&fence_);
}

// --- shared memory ---

void* Machine::static_shared(const void* key, std::size_t bytes, std::size_t alignment) {
  check_running("NTK_SHARED");
  for (std::size_t i = 0; i < static_shared_count_; ++i) {
    if (static_shared_[i].key == key) return static_shared_[i].bytes;
  }
  static_shared_bytes_ += bytes;
  if (static_shared_bytes_ > kMaxStaticShared) fault("more than 48 KiB of static shared memory");
  if (static_shared_bytes_ + shape_->shared_bytes > kMaxShared) fault("too much shared memory");
  if (static_shared_count_ == static_shared_.size()) fault("too many shared arrays");
  SharedArray& array = static_shared_[static_shared_count_++];
  array = {key, allocate_shared(bytes, alignment), bytes};
  return array.bytes;
}

// --- faults ---

void Machine::fault(const std::string& what) const {
  if (shape_ == nullptr) throw Fault(what);
  throw Fault("kernel launched at " + to_string(shape_->where) + ": block " + to_string(blockIdx) +
              ": " + what);
}

void Machine::check_running(const char* what) const {
  if (shape_ == nullptr) fault(std::string(what) + " outside of a kernel");
}

void Machine::check_shape() const {
  const dim3& grid = shape_->grid;
  const dim3& block = shape_->block;
  const std::size_t threads = std::size_t{block.x} * block.y * block.z;
  if (threads == 0 || threads > kMaxThreads || block.z > 64) fault("not a valid block size");
  const bool grid_is_valid = grid.x > 0 && grid.x <= 0x7fffffffu && grid.y > 0 && grid.y <= 65535 &&
                             grid.z > 0 && grid.z <= 65535;
  if (!grid_is_valid) fault("not a valid grid size");
  if (shape_->shared_bytes > kMaxShared) fault("too much dynamic shared memory");
}

std::string Machine::describe(std::size_t t) const {
  const CudaThread& self = thread(t);
  const std::string name = "thread " + to_string(self.index);
  switch (self.state) {
    case State::ready:
      return name + " can run";
    case State::returned:
      return name + " has returned";
    case State::at_block_barrier:
      return name + " waits at __syncthreads " + to_string(self.where);
    case State::at_warp_operation:
      break;
  }
  return name + " waits at " + self.call.operation + " " + to_string(self.where) + " with mask " +
         std::to_string(self.call.mask);
}

// Names up to four threads that wait at different places.
void Machine::fault_of_divergence() const {
  std::string what = "not all threads reach the same barrier:";
  const CudaThread* last = nullptr;
  int named = 0;
  for (std::size_t t = 0; t < count_ && named < 4; ++t) {
    const CudaThread& self = thread(t);
    const bool as_before =
        last != nullptr && last->state == self.state && same_place(last->where, self.where);
    if (as_before) continue;
    what += "\n  " + describe(t);
    last = &self;
    ++named;
  }
  fault(what);
}

}  // namespace

// --- the interface ---

void set_order(unsigned seed) { machine.seed(seed); }
void run(const LaunchShape& shape, void (*body)(void*), void* context) {
  machine.run(shape, body, context);
}
void wait_in_block(const std::source_location& where) { machine.wait_in_block(where); }
std::uint64_t wait_in_warp(const WarpCall& call, const std::source_location& where) {
  return machine.wait_in_warp(call, where);
}
int lane() { return machine.lane(); }
void fence() { machine.fence(); }
void trap(const std::source_location& where) { machine.fault("__trap at " + to_string(where)); }
void* dynamic_shared() { return machine.dynamic_shared(); }
void* static_shared_bytes(const void* key, std::size_t bytes, std::size_t alignment) {
  return machine.static_shared(key, bytes, alignment);
}

}  // namespace cuda_on_host
