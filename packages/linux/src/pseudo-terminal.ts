// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { openDescriptorStream } from './descriptor-stream.ts';
import { call } from './libc.ts';

/** A terminal without a screen. Reading and writing wait in Node's event loop. */
export interface PseudoTerminal extends Disposable {
  /** The end for a process; closed here by {@link closeProcessEnd} once the process has it. */
  readonly processFd: number;
  closeProcessEnd(): void;
  /** The end that is read and written here, for a process that goes on with that; nothing is read and written here any more. */
  release(): number;
  /** What the process writes, for one reader; ends when nobody has its end any more. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Waits while the process does not read. Silent when it has gone. One write at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sides from 1 to 65535. The process is not told: send it SIGWINCH. */
  resize(size: { readonly columns: number; readonly rows: number }): void;
}

const setLock = 0x40045431; // TIOCSPTLCK
const getNumber = 0x80045430; // TIOCGPTN
const setWindowSize = 0x5414; // TIOCSWINSZ
const getAttributes = 0x5401; // TCGETS
const setAttributes = 0x5402; // TCSETS

/**
 * Makes a terminal that passes input on as it is and echoes nothing; of a line end in the output it makes CR LF. For a
 * program that joins it to a terminal of its own, as the foreground mode of container runtimes does.
 *
 * @throws LadingError when the system has no more of them
 */
export function openPseudoTerminal(): PseudoTerminal {
  const flags = constants.O_RDWR | constants.O_NOCTTY;
  const fd = open('/dev/ptmx', flags);
  let processFd = -1;
  try {
    call('to unlock a terminal', 'ioctl', fd, setLock, Buffer.alloc(4));
    const number = Buffer.alloc(4);
    call('for the number of a terminal', 'ioctl', fd, getNumber, number);
    processFd = open(`/dev/pts/${number.readUInt32LE()}`, flags);
    makeRaw(processFd);
  } catch (error) {
    if (processFd !== -1) closeSync(processFd);
    closeSync(fd);
    throw error;
  }
  return terminalOf(fd, processFd);
}

function terminalOf(fd: number, processFd: number): PseudoTerminal {
  const stream = openDescriptorStream(fd);
  let isOpen = true;
  let hasProcessEnd = true;

  function closeProcessEnd(): void {
    if (hasProcessEnd) closeSync(processFd);
    hasProcessEnd = false;
  }

  return {
    processFd,
    closeProcessEnd,
    release: stream.release,
    output: stream.output,
    async write(bytes) {
      await stream.write(bytes);
    },
    resize({ columns, rows }) {
      if (!isOpen) return;
      const size = Buffer.alloc(8); // struct winsize: rows, columns, and the same in pixels
      size.writeUInt16LE(rows, 0);
      size.writeUInt16LE(columns, 2);
      call('for the size of a terminal', 'ioctl', fd, setWindowSize, size);
    },
    [Symbol.dispose]() {
      closeProcessEnd();
      isOpen = false;
      stream[Symbol.dispose]();
    },
  };
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  }
}

/**
 * No echo, no line editing, no signals by keys, also before the program sets that itself. What a line end becomes is
 * left as it was: runc has this terminal make CR LF of it, and not that of the process, and crun the other way round.
 */
function makeRaw(fd: number): void {
  const attributes = Buffer.alloc(64); // struct termios: input, output, control and local flags, then characters
  call('for the mode of a terminal', 'ioctl', fd, getAttributes, attributes);
  attributes.writeUInt32LE(0, 0);
  attributes.writeUInt32LE(0, 12);
  attributes[17 + 5] = 0; // VTIME
  attributes[17 + 6] = 1; // VMIN
  call('for the mode of a terminal', 'ioctl', fd, setAttributes, attributes);
}
