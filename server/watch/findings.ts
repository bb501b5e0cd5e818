// Writes down what the contract check holds, now and then and when someone looks.
import type { Contract } from '../core/contract/contract.ts';
import type { FindingStore } from '../store/store.ts';

const EVERY_MS = 60_000;
/** A finding not seen again for this long is history. */
const KEPT_MS = 30 * 86_400_000;

export interface FindingsKeeper {
  refresh(): Promise<void>;
  /** Once a second; refreshes once a minute. */
  tick(now: number): Promise<void>;
}

export function createFindings({ findings, contract }: { findings: FindingStore; contract: Contract }): FindingsKeeper {
  let next = 0;
  const refresh = (): Promise<void> =>
    findings.put(contract.found().map(({ check, ...found }) => ({ ...found, check: check.id })));
  return {
    refresh,
    async tick(now) {
      if (now < next) return;
      next = now + EVERY_MS;
      await refresh();
      await findings.forget(now - KEPT_MS);
    },
  };
}
