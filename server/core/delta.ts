// What a batch adds to the counts, before it is committed. Pure; merging deltas is addition.
