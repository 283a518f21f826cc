// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '@lading/command-line';
import type { OnCopyProgress } from '@lading/image-copy';

/** Tells on stderr what is copied, one line a thing, in skopeo's words. */
export function createReporter(environment: Environment): OnCopyProgress {
  const said = new Set<string>();
  let instance = '';
  const say = (line: string): void => {
    const key = `${instance} ${line}`;
    if (said.has(key)) return;
    said.add(key);
    // Progress that cannot be shown is no reason to stop.
    void environment.stderr(`${line}\n`);
  };
  return (event) => {
    switch (event.kind) {
      case 'instance':
        instance = event.id;
        say(`Copying image ${event.id} (${event.current}/${event.total})`);
        break;
      case 'manifest':
        say('Writing manifest to image destination');
        break;
      case 'index':
        say('Writing manifest list to image destination');
        break;
      case 'signatures':
        say(event.state === 'signing' ? 'Creating signature' : 'Storing signatures');
        break;
      default: {
        const name = event.kind === 'layer' ? 'blob' : 'config';
        if (event.state === 'copying') say(`Copying ${name} ${event.id}`);
        else if (event.state !== 'done') say(`Copying ${name} ${event.id} skipped: already exists`);
      }
    }
  };
}
