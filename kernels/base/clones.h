/* EK_CLONES: compile a hot function for several instruction sets and pick one at load time.
 *
 * Layer: kernel. Results are equal on all of them (no contraction, no fast-math). Off under
 * ThreadSanitizer, which crashes in the resolver, and on compilers without the attribute. */
#ifndef EK_BASE_CLONES_H
#define EK_BASE_CLONES_H

#if defined(ECOMON_CLONES) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EK_CLONES                                                                                  \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define EK_CLONES
#endif

#endif
