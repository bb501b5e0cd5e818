// The texts of the dashboard in the language of the visitor: the only place from which a component or a module takes words.
//
// A second language is one file of the type Texts, `de.ts` say, in which the compiler finds what is missing. Load it here:
// `export const texts: Texts = wantsGerman ? (await import('./de.ts')).de : en`. The other modules wait for this one, so that
// their constants are right too, and only its readers fetch it.
import { en } from './en.ts';

export type Texts = typeof en;

export const texts: Texts = en;
