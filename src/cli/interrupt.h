// Ctrl-C and SIGTERM: the first asks the work to stop, the second ends the process at once. Neither
// leaves a file that is half written.
#pragma once

namespace ntk::cli {

void install_interrupt_handler();
bool interrupted() noexcept;
void throw_if_interrupted();  // Cancelled

}  // namespace ntk::cli
