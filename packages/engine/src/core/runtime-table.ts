// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { RuntimeChoice } from '../types/engine.ts';
import type { RuntimeHandler } from '../types/runtime-handler.ts';

/** What is asked for its handler: a container, or a pod. */
export interface Runnable {
  /** Empty of what is still to be made. */
  readonly id: string;
  /** Name of its runtime. */
  readonly runtime: string;
}

/** The runtimes that there are, which may be replaced by others while containers run. */
export interface RuntimeTable {
  /** By name, the default one first. */
  readonly all: Readonly<Record<string, RuntimeHandler>>;
  readonly defaultName: string;
  /** Names of runtimes whose monitors are in control groups of their pods. */
  readonly monitorsInPods: ReadonlySet<string>;
  /** Undefined for the runtime of another engine, which this one need not have. */
  handlerOf(one: Runnable): RuntimeHandler | undefined;
  /** Takes other runtimes; what is there keeps the handler that it has. */
  replace(next: RuntimeChoice, there: readonly Runnable[]): void;
  /** Has a container use the handler of its pod. */
  join(id: string, podId: string): void;
  /** For what is gone. */
  forget(id: string): void;
}

/** @throws LadingError `invalid_argument` when the default one is not among them; also of `replace` */
export function createRuntimeTable(first: RuntimeChoice): RuntimeTable {
  let current = chosen(first);
  /** Handlers of what was there when the table was replaced, by id. */
  const kept = new Map<string, RuntimeHandler>();

  const handlerOf = ({ id, runtime }: Runnable): RuntimeHandler | undefined => {
    const known = kept.get(id) ?? own(current.all, runtime);
    return known === undefined && id !== '' ? own(current.former, runtime) : known;
  };

  return {
    get all() {
      return current.all;
    },
    get defaultName() {
      return current.defaultName;
    },
    get monitorsInPods() {
      return current.monitorsInPods;
    },
    handlerOf,
    replace(choice, there) {
      const next = chosen(choice);
      for (const one of there) {
        const handler = handlerOf(one);
        if (handler !== undefined) kept.set(one.id, handler);
      }
      current = next;
    },
    join(id, podId) {
      const handler = kept.get(podId);
      if (handler !== undefined) kept.set(id, handler);
    },
    forget: (id) => void kept.delete(id),
  };
}

function chosen({
  runtimes,
  defaultRuntime: defaultName = Object.keys(runtimes)[0] ?? '',
  monitorsInPods,
  former = {},
}: RuntimeChoice): Pick<RuntimeTable, 'all' | 'defaultName' | 'monitorsInPods'> &
  Pick<Required<RuntimeChoice>, 'former'> {
  if (!Object.hasOwn(runtimes, defaultName)) {
    throw new LadingError(
      Code.InvalidArgument,
      `the default runtime "${defaultName}" is not among the runtimes: ${Object.keys(runtimes).join(', ')}`,
    );
  }
  const all = Object.fromEntries(
    Object.entries(runtimes).sort(([a], [b]) => Number(b === defaultName) - Number(a === defaultName)),
  );
  return { all, defaultName, monitorsInPods: new Set(monitorsInPods), former };
}

function own(handlers: Readonly<Record<string, RuntimeHandler>>, name: string): RuntimeHandler | undefined {
  return Object.hasOwn(handlers, name) ? handlers[name] : undefined;
}
