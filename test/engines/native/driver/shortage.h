// Shortage of memory, at will.
#pragma once

/** From now on so many blocks of memory can be had, and no more until `end_shortage`. */
void begin_shortage(int blocks);
/** Memory is there again. True if it was missed. */
bool end_shortage();
