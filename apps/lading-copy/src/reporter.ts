// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, createProgress, type ProgressMode, parseProgressMode } from '@lading/command-line';
import type { OnCopyProgress } from '@lading/image-copy';

/** What shows a copy on stderr. */
export interface Reporter {
  readonly onProgress: OnCopyProgress;
  /** Takes bars away; the last call. */
  end(): void;
}

/** Tells on stderr what is copied, as `--progress` wants it, in skopeo's words. */
export function createReporter(call: CommandCall, quiet = false): Reporter {
  const progress = createProgress(call.environment, { mode: quiet ? 'none' : modeOf(call) });
  let instance = '';
  const onProgress: OnCopyProgress = (event) => {
    switch (event.kind) {
      case 'instance':
        instance = `${event.id} `;
        progress.say(`Copying image ${event.id} (${event.current}/${event.total})`);
        break;
      case 'manifest':
        progress.say('Writing manifest to image destination');
        break;
      case 'index':
        progress.say('Writing manifest list to image destination');
        break;
      case 'signatures':
        progress.say(event.state === 'signing' ? 'Creating signature' : 'Storing signatures');
        break;
      default:
        progress.report({
          // A layer of several images is news in each.
          id: `${instance}${event.id}`,
          label: `Copying ${event.kind === 'layer' ? 'blob' : 'config'} ${event.id}`,
          state: event.state === 'copying' ? 'running' : event.state === 'done' ? 'done' : 'skipped',
          currentBytes: event.current,
          totalBytes: event.total,
        });
    }
  };
  return { onProgress, end: () => progress.end() };
}

function modeOf({ flags }: CommandCall): ProgressMode {
  const mode = parseProgressMode(flags.string('progress') || 'auto');
  return mode === 'auto' && flags.string('log-format') === 'json' ? 'json' : mode;
}
