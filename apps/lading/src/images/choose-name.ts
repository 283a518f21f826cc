// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CommandCall, createPrompter } from '@lading/command-line';
import { recordAlias, recordedAliases } from '@lading/config';
import { LadingError } from '@lading/errors';
import { parseReference } from '@lading/image-spec';
import { lockFile } from '@lading/linux';
import { say } from '../output/progress-printer.ts';

/** The image that a person at the terminal says a short name is. */
export interface ChosenName {
  readonly name: string;
  /** Writes it down where podman does too, so that nobody is asked again; for when the image was there. */
  readonly record: () => Promise<void>;
}

/** Asks which of several images a short name is. */
export async function chooseName(
  call: CommandCall,
  text: string,
  names: readonly string[],
): Promise<ChosenName> {
  const name = await createPrompter(call.environment).choose('Please select an image', names);
  return { name, record: () => record(call, text, name) };
}

/** An image that was pulled is not lost because the choice is. */
async function record(call: CommandCall, text: string, name: string): Promise<void> {
  try {
    const path = recordedAliases(call.environment.env);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    using _lock = await lockFile(`${path}.lock`, { mode: 'exclusive', signal: call.environment.signal });
    await recordAlias(path, text, parseReference(name));
  } catch (error) {
    await say(call, `cannot write down what ${text} is: ${LadingError.from(error).message}`);
  }
}
