/* SPDX-License-Identifier: MIT */
/*
 * What the words in a function's name say about it.
 *
 * Of ns::Parser<T>::next_token the words are next and token; those of Parser count
 * half, since the class is all its methods'.
 */
#include "words.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	const char *word;
	int points;
} table[] = {
#define WORD(word, points) { #word, points },
#include "words.def"
#undef WORD
};

static int points_of(const char *word)
{
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].word, word))
			return table[i].points;
	return 0;
}

/* The next word, in small letters; what follows it. NULL: there is none. */
static const char *next_word(const char *at, const char *end, char *word)
{
	size_t n = 0;

	while (at < end && !isalpha((unsigned char)*at))
		at++;
	if (at == end)
		return NULL;
	while (at < end && isalpha((unsigned char)*at)) {
		bool is_capital = isupper((unsigned char)*at);

		/* aB begins a word, and so does the last capital of ABc. */
		if (n && is_capital &&
		    (islower((unsigned char)at[-1]) ||
		     (at + 1 < end && islower((unsigned char)at[1]))))
			break;
		if (n < WORD_ROOM - 1)
			word[n++] = (char)tolower((unsigned char)*at);
		at++;
	}
	word[n] = '\0';
	return at;
}

/* Where the last part of a::b<c::d>::e begins. */
static const char *last_part(const char *name)
{
	const char *last = name;
	int depth = 0;

	for (const char *at = name; *at; at++) {
		depth += *at == '<' || *at == '{' || *at == '(';
		depth -= depth && (*at == '>' || *at == '}' || *at == ')');
		if (!depth && at[0] == ':' && at[1] == ':')
			last = at + 2;
	}
	return last;
}

int words_score(const char *name, char *best)
{
	const char *last = last_part(name), *end = last + strcspn(last, "<({"), *at;
	int most = 0, least = 0;
	char word[WORD_ROOM];

	*best = '\0';
	for (at = last; (at = next_word(at, end, word));) {
		int points = points_of(word);

		if (points > most)
			strcpy(best, word);
		most = points > most ? points : most;
		least = points < least ? points : least;
	}
	for (at = name; (at = next_word(at, last, word));) {
		int points = points_of(word) / 2;

		if (points > most) {
			most = points;
			strcpy(best, word);
		}
	}
	return most + least;
}
