// Writes down what the contract check holds, now and then and when someone looks.
import type { Contract } from '../core/contract/contract.ts';
import type { FindingStore, NewFinding } from '../store/store.ts';
import { allOrEach } from '../troubles.ts';

const EVERY_MS = 60_000;
/** A finding not seen again for this long is history. */
const KEPT_MS = 30 * 86_400_000;

export interface FindingsKeeper {
  refresh(): Promise<void>;
  /** Once a second; refreshes once a minute. */
  tick(now: number): Promise<void>;
}

export interface FindingsDeps {
  findings: FindingStore;
  contract: Contract;
  /** What the check found at one source could not be said, or kept. */
  failed(error: unknown, source: string): void;
}

export function createFindings({ findings, contract, failed }: FindingsDeps): FindingsKeeper {
  let next = 0;
  const refresh = async (): Promise<void> => {
    const found = contract.found(failed).map(({ check, ...rest }): NewFinding => ({ ...rest, check: check.id }));
    await allOrEach(
      found,
      (some) => findings.put(some),
      (error, { source }) => failed(error, source),
    );
  };
  return {
    refresh,
    async tick(now) {
      if (now < next && next - now <= EVERY_MS) return;
      next = now + EVERY_MS;
      await refresh();
      await findings.forget(now - KEPT_MS);
    },
  };
}
