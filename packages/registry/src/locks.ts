// SPDX-License-Identifier: Apache-2.0

/** Many may hold a name's lock together, or one alone, in the order in which they asked. */
export interface Locks {
  shared<T>(name: string, work: () => Promise<T>): Promise<T>;
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function createLocks(): Locks {
  /** For each name what must end before the next exclusive holder begins, and before the next shared one. */
  const lines = new Map<string, { readonly all: Promise<unknown>; readonly exclusive: Promise<unknown> }>();
  const free = { all: Promise.resolve(), exclusive: Promise.resolve() };

  function enter<T>(name: string, alone: boolean, work: () => Promise<T>): Promise<T> {
    const before = lines.get(name) ?? free;
    const result = (alone ? before.all : before.exclusive).then(work);
    const ended = result.then(
      () => undefined,
      () => undefined, // whoever asked for the work hears of its failure
    );
    const all = Promise.all([before.all, ended]);
    const line = { all, exclusive: alone ? all : before.exclusive };
    lines.set(name, line);
    all.then(() => {
      if (lines.get(name) === line) lines.delete(name);
    });
    return result;
  }

  return {
    shared: (name, work) => enter(name, false, work),
    exclusive: (name, work) => enter(name, true, work),
  };
}
