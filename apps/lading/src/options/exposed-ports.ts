// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { PortMapping } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parsePublish, readPublishFlags, type WantedPort } from './ports.ts';

/** `--expose PORT[-PORT][/PROTOCOL]`, checked; without `--publish-all` every port of a container can be reached inside. */
export function readExposed({ flags }: CommandCall): readonly string[] {
  const texts = flags.strings('expose');
  const wrong = texts.find((text) => !/^\d+(-\d+)?(\/(tcp|udp|sctp))?$/.test(text));
  if (wrong !== undefined) {
    throw usageError(`invalid range format for --expose: ${quote(wrong)}: use PORT[-PORT][/PROTOCOL]`);
  }
  return texts.flatMap(parsePublish).map(keyOf);
}

function keyOf({ containerPort, protocol = 'tcp' }: WantedPort): string {
  return `${containerPort}/${protocol}`;
}

/** Those that are published, and the exposed ones that are not yet, each on a free port of the host. */
export async function publishAll(
  exposed: readonly string[],
  published: readonly PortMapping[],
): Promise<readonly PortMapping[]> {
  const taken = new Set(published.map(keyOf));
  const missing = new Set(
    exposed
      .flatMap(parsePublish)
      .map(keyOf)
      .filter((key) => !taken.has(key)),
  );
  return [...published, ...(await readPublishFlags([...missing]))];
}
