"""The articles of the regulation that profiles and checks cite, with edition, force and mark."""

from plant.law.articles import Article, Mark, article, articles, cited

__all__ = ["Article", "Mark", "article", "articles", "cited"]
