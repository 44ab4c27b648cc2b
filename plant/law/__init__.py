"""The articles of the regulation that profiles and checks cite, and the sensors that they require."""

from plant.law.articles import Article, Mark, article, articles, cited
from plant.law.sensors import RequiredSensor, required_sensors

__all__ = ["Article", "Mark", "RequiredSensor", "article", "articles", "cited", "required_sensors"]
