// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { randomBytes } from '@lading/linux';

const adjectives =
  'able amber bold brave brisk calm clear clever cosy crisp dapper deft eager early fair fleet fond fresh gentle glad golden grand happy hardy honest jolly keen kind lively loyal lucid lucky mellow merry mild neat nimble noble patient placid polite proud quick quiet ready robust sharp silver sleek smart snug solid spry steady sturdy sunny swift tidy trusty upbeat vivid warm witty zesty'.split(
    ' ',
  );
const nouns =
  'anchor ballast barge beacon berth bollard bosun bow breaker brig buoy cable cargo clipper cog compass crane crew cutter davit deck derrick dinghy dock drifter ferry fender fleet frigate galley gangway gunwale halyard harbour hatch hawser helm hold hull jetty keel ketch knot ledger lighter lugger manifest mast mooring mole oar packet pier pilot port purser quay rigging rudder sail schooner sextant sloop spar stern strait tender tide tiller trawler tug wharf winch yard yawl'.split(
    ' ',
  );

/** Two words, such as `brisk_lighter`. */
export function randomName(): string {
  return `${oneOf(adjectives)}_${oneOf(nouns)}`;
}

function oneOf(words: readonly string[]): string {
  return words[randomBytes(4).readUInt32LE() % words.length] ?? '';
}

/** 64 hexadecimal characters. */
export function randomId(): string {
  // A short id of digits alone could be taken for a number by tools that read our output.
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

/** The container in `container:NAME`. */
export function containerOf(ref: string): string {
  return ref.slice('container:'.length);
}

/** @throws InvalidArgument unless it is `[a-zA-Z0-9][a-zA-Z0-9_.-]*` of at most 1024 characters */
export function checkName(name: string): void {
  if (name.length > 1024 || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    throw new LadingError(
      Code.InvalidArgument,
      `the name ${JSON.stringify(name.slice(0, 80))} must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`,
    );
  }
}
