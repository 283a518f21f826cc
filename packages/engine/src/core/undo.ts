// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';

/** What must be undone when a later step fails, last first. */
export interface Undo {
  add(step: () => Promise<unknown>): void;
  /** Runs all steps, also after one has failed. Returns an error that says what went wrong and what stayed. */
  unwind(cause: unknown): Promise<LadingError>;
}

export function createUndo(): Undo {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    add: (step) => void steps.push(step),
    async unwind(cause) {
      const failures: unknown[] = [];
      for (const step of steps.reverse()) {
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      }
      const error = LadingError.from(cause);
      if (failures.length === 0) return error;
      const left = new Set(failures.map((failure) => LadingError.from(failure).message));
      // Such as for want of the runtime, which is what was in the way before.
      const isSame = left.size === 1 && left.has(error.message);
      const how = isSame ? ' for the same reason' : `: ${[...left].join('; ')}`;
      return new LadingError(error.code, `${error.message} (and undoing it failed${how})`, {
        ...(error.reason !== undefined && { reason: error.reason }),
        cause: new AggregateError([cause, ...failures]),
      });
    },
  };
}

/** Waits for all, also when one fails, so that nothing is still being made when undoing begins. */
export async function together<T extends readonly Promise<unknown>[] | []>(
  tasks: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
}
