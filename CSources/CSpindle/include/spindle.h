#ifndef SPINDLE_H
#define SPINDLE_H
#endif
