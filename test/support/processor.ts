// Work in processor time: what else the machine does takes none of it.

/** Processor time that this thread has had, ms. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}
