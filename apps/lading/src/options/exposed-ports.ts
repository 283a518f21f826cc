// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine, PortMapping } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parsePublish, readPublishFlags, type WantedPort } from './ports.ts';

/** `--expose PORT[-PORT][/PROTOCOL]`, checked; without `--publish-all` every port of a container can be reached inside. */
export function readExposed({ flags }: CommandCall): readonly string[] {
  const texts = flags.strings('expose');
  const wrong = texts.find((text) => !/^\d+(-\d+)?(\/(tcp|udp|sctp))?$/.test(text));
  if (wrong !== undefined) {
    throw usageError(`invalid range format for --expose: ${quote(wrong)}: use PORT[-PORT][/PROTOCOL]`);
  }
  return texts;
}

/** Ports of the image and of `--expose` that are not published yet, each on a free port of the host. */
export async function publishAll(
  call: CommandCall,
  engine: Engine,
  image: string,
  published: readonly PortMapping[],
): Promise<readonly PortMapping[]> {
  const { config } = await engine.images.inspect(image);
  const keyOf = ({ containerPort, protocol = 'tcp' }: WantedPort): string => `${containerPort}/${protocol}`;
  const taken = new Set(published.map(keyOf));
  const texts = [...Object.keys(config.config?.ExposedPorts ?? {}), ...readExposed(call)];
  const missing = new Set(
    texts
      .flatMap(parsePublish)
      .map(keyOf)
      .filter((key) => !taken.has(key)),
  );
  return [...published, ...(await readPublishFlags([...missing]))];
}
