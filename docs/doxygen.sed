# What doxygen sees of our Markdown. GitHub names a heading by its text, doxygen only when it is told.
s/^## ntk ([a-z]+)$/& {#ntk-\1}/
# The READMEs of other folders are no pages.
s/\[([^]]*)\]\([a-z/]+README\.md\)/\1/g
