// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, Environment } from '@lading/command-line';
import type { Attachment, AttachStreams, Engine, TerminalSize } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { defaultDetachKeys, parseDetachKeys } from '../options/detach-keys.ts';

/** The caller's streams for a container. */
export function streamsOf(
  { environment, flags }: CommandCall,
  { stdin, terminal }: { readonly stdin: boolean; readonly terminal: boolean },
): AttachStreams {
  const detachSequence = parseDetachKeys(flags.string('detach-keys') ?? defaultDetachKeys);
  return {
    stdout: (chunk) => environment.stdout(chunk),
    stderr: (chunk) => environment.stderr(chunk),
    ...(stdin ? { stdin: environment.stdin } : {}),
    // What comes through a pipe is data, unless keys are asked for.
    ...(stdin && (terminal || flags.given('detach-keys')) ? { detachSequence } : {}),
  };
}

/** The signals that arrive here go to a container. */
export interface SignalProxy {
  /** The process runs: sends what has arrived so far, and from now on at once. */
  started(): void;
  stop(): void;
}

/**
 * Takes the signals over before the start: output may be seen, and answered with a signal, before the start
 * has returned here.
 */
export function proxySignals(environment: Environment, engine: Engine, id: string): SignalProxy {
  let early: string[] | undefined = [];
  const send = (name: string): void => {
    engine.containers.kill(id, name).catch(async (reason: unknown) => {
      const error = LadingError.from(reason);
      // It ended before the signal arrived.
      if (error.code === Code.FailedPrecondition || error.code === Code.NotFound) return;
      await environment.stderr(`Error: cannot forward ${name}: ${error.message}\n`);
    });
  };
  const end = environment.onSignal?.((name) => (early === undefined ? send(name) : early.push(name)));
  return {
    started: () => {
      const names = early ?? [];
      early = undefined;
      names.forEach(send);
    },
    stop: () => end?.(),
  };
}

/** The caller's terminal, for as long as something else sits at it; `stop` gives it back. */
export interface Screen {
  setRaw(): void;
  /** Its size, and each that it takes on until `stop`. */
  sizes(): AsyncGenerator<TerminalSize>;
  /** Gives the terminal of a container the size of this one, now and later. */
  follow(attachment: Pick<Attachment, 'resize'>): Promise<void>;
  stop(): void;
}

export function bindTerminal({ terminal }: Environment): Screen {
  const ends: (() => void)[] = [];
  const setRaw = (): void => {
    if (terminal === undefined) return;
    terminal.setRawMode(true);
    ends.push(() => terminal.setRawMode(false));
  };
  return {
    setRaw,
    async *sizes() {
      let wake = (): void => undefined;
      let isOver = false;
      ends.push(() => {
        isOver = true;
        wake();
      });
      const noEnd = (): void => undefined;
      ends.push(terminal?.onResize(() => wake()) ?? noEnd);
      while (!isOver) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const size = terminal?.size();
        if (size !== undefined) yield size;
        if (!isOver) await changed;
      }
    },
    follow: async (attachment) => {
      if (terminal === undefined) return;
      const resize = async (): Promise<void> => {
        const size = terminal.size();
        // A container that has just ended has no terminal to be resized: nothing is lost.
        if (size !== undefined) await attachment.resize(size).catch(() => undefined);
      };
      ends.push(terminal.onResize(resize));
      await resize();
    },
    stop: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}
