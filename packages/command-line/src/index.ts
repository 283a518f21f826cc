// SPDX-License-Identifier: Apache-2.0

// For authors of completion, manuals and other readers of command trees.
export { completeWords } from './completion/complete-words.ts';
export type { Candidate, CompleteArgument, Completion } from './completion/completion.ts';
export { formatCompletion } from './completion/completion.ts';
export { completionScript } from './completion/scripts.ts';
export type { Shell } from './completion/shells.ts';
export { shells } from './completion/shells.ts';
// For everyone.
export type { Environment, Terminal } from './environment.ts';
export type { FoundCommand } from './find-command.ts';
export { findCommand } from './find-command.ts';
export { parseDurationMs } from './flags/duration.ts';
export type { Flags } from './flags/flags.ts';
export { formatBytes } from './format-bytes.ts';
export { commandHelp, programHelp } from './help.ts';
export { humanAge, humanDuration } from './human-duration.ts';
export { withJsonLog } from './json-log.ts';
export type { Login, LoginOptions, LoginStore } from './login.ts';
export { runLogin, runLogout } from './login.ts';
export type { ManPage } from './man-pages.ts';
export { manPages } from './man-pages.ts';
export type { Progress, ProgressItem, ProgressMode, ProgressOptions } from './progress/progress.ts';
export { createProgress, parseProgressMode, progressModes } from './progress/progress.ts';
export type { Prompter } from './prompter.ts';
export { createPrompter } from './prompter.ts';
export { runProgram } from './run-program.ts';
export type { SigningPrompts } from './signing-prompts.ts';
export { signingPrompts } from './signing-prompts.ts';
export { singleLine } from './single-line.ts';
export type {
  ArgumentCount,
  CommandCall,
  CommandRun,
  CommandSpec,
  FlagKind,
  FlagSpec,
  ProgramSpec,
} from './spec.ts';
export { usageError } from './usage-error.ts';
